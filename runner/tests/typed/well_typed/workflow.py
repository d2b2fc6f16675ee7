"""Workflows of every kind, in which all types fit: typecheck must have nothing to say."""

from datetime import datetime, timedelta
from functools import partial

from flytekit import LaunchPlan, Workflow, approve, conditional, map_task, sleep, wait_for_input, workflow

from well_typed.tasks import (
    NEW_YEAR,
    SMALL_BOX,
    Box,
    Size,
    a_crate,
    a_csv,
    a_folder,
    a_shelf,
    anything,
    clean_up,
    dataset,
    drawn,
    echo,
    frame,
    lists,
    maybe,
    more,
    narrow,
    nested,
    nothing,
    pack,
    pickled,
    read,
    say,
    times,
    total,
    total_or_none,
    two,
    weigh,
    wide,
)


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
