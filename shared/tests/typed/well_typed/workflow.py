"""Workflows of every kind, in which all types fit: typecheck must have nothing to say."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import Annotated, NamedTuple

import pandas as pd
from flytekit import (
    ContainerTask,
    LaunchPlan,
    StructuredDataset,
    Workflow,
    approve,
    conditional,
    dynamic,
    kwtypes,
    map_task,
    sleep,
    task,
    wait_for_input,
    workflow,
)
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


@dataclass
class Box:
    size: Size
    weights: list[float]
    label: str | None = None


@dataclass
class Crate(Box):
    lid: bool = True


@dataclass
class Shelf:
    boxes: dict[str, Box]
    first: Box


NEW_YEAR = datetime(2026, 1, 1)
SMALL_BOX = Box(size=Size.SMALL, weights=[1.0])


class Two(NamedTuple):
    number: int
    box: Box


class Unregistered:
    """A type that flytekit pickles."""


CsvFile = FlyteFile["csv"]
Narrow = Annotated[pd.DataFrame, kwtypes(x=int)]
Wide = Annotated[pd.DataFrame, kwtypes(x=int, y=float)]


@task
def two() -> Two:
    return Two(number=1, box=Box(size=Size.SMALL, weights=[1.0]))


@task
def a_crate() -> Crate:
    return Crate(size=Size.LARGE, weights=[])


@task
def a_shelf() -> Shelf:
    box = Box(size=Size.SMALL, weights=[1.0])
    return Shelf(boxes={"a": box}, first=box)


@task
def lists() -> list[list[int]]:
    return [[1]]


@task
def wide() -> Wide:
    return pd.DataFrame({"x": [1], "y": [1.0]})


@task
def frame() -> pd.DataFrame:
    return pd.DataFrame({"x": [1]})


@task
def dataset() -> StructuredDataset:
    return StructuredDataset(dataframe=pd.DataFrame({"x": [1]}))


@task
def a_csv() -> CsvFile:
    return __file__


@task
def a_folder() -> FlyteDirectory:
    return FlyteDirectory(".")


@task
def pickled() -> Unregistered:
    return Unregistered()


@task
def maybe() -> int | None:
    return None


@task
def more(number: int, by: int = 1) -> int:
    return number + by


@task
def pack(box: Box) -> Size:
    return box.size


@task
def weigh(weights: list[float], size: Size) -> float:
    return sum(weights)


@task
def say(text: str) -> str:
    return text


@task
def total(numbers: list[int]) -> int:
    return sum(numbers)


@task
def total_or_none(numbers: list[int | None]) -> int:
    return sum(number or 0 for number in numbers)


@task
def nested(numbers: list[list[int]], boxes: dict[str, list[Box]]) -> int:
    return 1


@task
def anything(value: int | float | str | list[int] | dict[str, Size] | None = None) -> int:
    return 1


@task
def narrow(data: Narrow) -> int:
    return len(data)


@task
def read(file: FlyteFile, folder: FlyteDirectory, thing: Unregistered) -> int:
    return 1


@task
def times(when: datetime, wait: timedelta, really: bool, share: float) -> int:
    return 1


@task(container_image="{{.image.other.fqn}}:{{.image.other.version}}")
def nothing() -> None:
    pass


echo = ContainerTask(
    name="echo", image="none", inputs=kwtypes(number=int), outputs=kwtypes(number=int), command=["echo"]
)


@dynamic
def drawn(number: int) -> list[int]:
    return [more(number=index) for index in range(number)]


@workflow
def promises(number: int = 1) -> int:
    pair = two()
    pack(box=pair.box)
    pack(box=a_crate())
    say(text=pack(box=pair.box))
    anything(value=maybe())
    anything(value=number)
    anything()
    narrow(data=wide())
    narrow(data=frame())
    narrow(data=dataset())
    read(file=a_csv(), folder=a_folder(), thing=pickled())
    nothing()
    return more(number=pair.number)


@workflow
def fields() -> float:
    pair, shelf = two(), a_shelf()
    anything(value=shelf.first.label)
    pack(box=shelf.boxes["a"])
    total(numbers=lists()[0])
    more(number=lists()[0][0])
    return weigh(weights=shelf.first.weights, size=pair.box.size)


@workflow
def constants(when: datetime = NEW_YEAR, box: Box = SMALL_BOX) -> int:
    times(when=when, wait=timedelta(seconds=1), really=True, share=0.5)
    pack(box=box)
    pack(box=Box(size=Size.LARGE, weights=[]))
    weigh(weights=[], size=Size.LARGE)
    for value in (1, 1.5, "text", [1, 2], {"a": Size.SMALL}, None):
        anything(value=value)
    return nested(numbers=[[], [1]], boxes={})


@workflow
def collections(number: int = 1) -> int:
    pair = two()
    anything(value=[number, more(number=1), 3])
    total_or_none(numbers=[maybe(), number, None])
    return nested(numbers=[[number, 2], [3]], boxes={"a": [pair.box, Box(size=Size.SMALL, weights=[1.0])]})


@workflow
def mapped() -> list[int]:
    numbers = drawn(number=3)
    total_or_none(numbers=map_task(partial(more, by=1), min_success_ratio=0.5)(number=numbers))
    map_task(pack)(box=[two().box])
    return map_task(partial(more, by=two().number), concurrency=2)(number=numbers)


@workflow
def branches(number: int = 1, size: Size = Size.SMALL, share: float = 0.5) -> int:
    pair = two()
    inner = conditional("inner").if_(share > 0.1).then(more(number=pair.number)).else_().then(more(number=number))
    return (
        conditional("outer")
        .if_((number > 3) & (inner == number))
        .then(more(number=inner))
        .elif_(share < 0.5)
        .then(promises(number=inner))
        .else_()
        .fail("neither")
    )


free = LaunchPlan.get_or_create(name="free", workflow=promises, default_inputs={"number": 3})
bound = LaunchPlan.get_or_create(name="bound", workflow=promises, fixed_inputs={"number": 3})


@workflow
def plans() -> int:
    free()
    bound()
    return free(number=two().number)


@workflow
def gates() -> int:
    number = wait_for_input("number", timeout=timedelta(hours=1), expected_type=int)
    approved = approve(more(number=number), "approved", timeout=timedelta(hours=1))
    rest = sleep(timedelta(seconds=1))
    end = echo(number=approved)
    rest >> end
    return end


@task
def clean_up(number: int, err: str | None = None) -> None:
    pass


@workflow(on_failure=clean_up)
def with_handler(number: int = 1) -> int:
    return more(number=number)


imperative = Workflow(name="well_typed.workflow.imperative")
imperative.add_workflow_input("number", int)
step = imperative.add_entity(more, number=imperative.inputs["number"])
imperative.add_workflow_output("number", step.outputs["o0"])


@workflow
def everything(number: int = 1) -> int:
    imperative(number=number)
    with_handler(number=number)
    gates()
    plans()
    branches()
    mapped()
    collections()
    constants()
    fields()
    return promises(number=number)
