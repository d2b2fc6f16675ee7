"""Tasks whose inputs and outputs are of every kind, from which workflow.py is put together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, NamedTuple

import pandas as pd
from flytekit import ContainerTask, StructuredDataset, dynamic, kwtypes, task
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


@task
def clean_up(number: int, err: str | None = None) -> None:
    pass


echo = ContainerTask(
    name="echo", image="none", inputs=kwtypes(number=int), outputs=kwtypes(number=int), command=["echo"]
)


@dynamic
def drawn(number: int) -> list[int]:
    return [more(number=index) for index in range(number)]
