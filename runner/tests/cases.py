"""Graphs of every kind, for the tests of the walk."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from flytekit import (
    ContainerTask,
    Deck,
    LaunchPlan,
    Resources,
    conditional,
    dynamic,
    kwtypes,
    map_task,
    task,
    workflow,
)
from flytekit.core.workflow import WorkflowFailurePolicy
from flytekit.types.error import FlyteError


class Pair(NamedTuple):
    small: int
    large: int


@dataclass
class Settings:
    step: int
    label: str


@task
def double(x: int) -> int:
    return 2 * x


@task
def pair(x: int) -> Pair:
    return Pair(small=x, large=10 * x)


@task
def total(numbers: list[int], settings: Settings) -> int:
    return sum(numbers) + settings.step


@task(enable_deck=True, deck_fields=[])
def describe(label: str, names: dict[str, int]) -> str:
    Deck("Names", ", ".join(names))
    return f"{label}: {sorted(names.items())}"


@workflow
def inner(x: int, bonus: int, settings: Settings) -> int:
    both = pair(x=x)
    return total(numbers=[both.small, both.large, bonus, 5], settings=settings)


inner_plan = LaunchPlan.get_or_create(inner, name="inner_plan", fixed_inputs={"x": 7}, default_inputs={"bonus": 1000})


@workflow
def wide(x: int, settings: Settings) -> tuple[int, int, str]:
    twice = double(x=x)
    first = inner(x=twice, bonus=0, settings=settings)
    second = inner_plan(settings=settings)
    return first, second, describe(label=settings.label, names={"a": twice, "b": first})


@task
def or_one(x: int | None) -> int:
    return 1 if x is None else x


@workflow
def optional(x: int | None = None) -> int:
    return or_one(x=x)


@task
def mark(folder: str, name: str) -> str:
    Path(folder, name).touch()
    return name


@task
def fails(folder: str) -> str:
    if folder:
        raise ValueError("on purpose")
    return folder


@workflow(failure_policy=WorkflowFailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE)
def keeps_going(folder: str) -> str:
    fails(folder=folder)
    first = mark(folder=folder, name="first")
    second = mark(folder=folder, name="second")
    first >> second
    return second


@workflow
def resized(x: int = 1) -> int:
    return double(x=x).with_overrides(limits=Resources(mem="123Mi"), requests=Resources(mem="100Mi"))


@task
def plus(x: int, y: int) -> int:
    return x + y


@workflow
def branching(x: int = 1) -> int:
    same = plus(x=x, y=0)
    return (
        conditional("size")
        .if_(same == 2)
        .then(plus(x=same, y=20))
        .elif_((same < 10) & (x > -10))
        .then(double(x=same))
        .else_()
        .fail("x is out of range")
    )


@workflow
def branching_on_a_later_node(x: int = 1) -> int:
    first = double(x=x)
    second = double(x=first)
    return conditional("sign").if_(first > 0).then(plus(x=first, y=second)).else_().then(plus(x=second, y=second))


@workflow
def failing_inside(folder: str) -> str:
    return fails(folder=folder)


@workflow(failure_policy=WorkflowFailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE)
def keeps_going_around(folder: str) -> str:
    failing_inside(folder=folder)
    first = mark(folder=folder, name="first")
    second = mark(folder=folder, name="second")
    first >> second
    return second


@task
def clean_up(folder: str):
    Path(folder, "cleaned").touch()


@workflow(on_failure=clean_up)
def handled(folder: str) -> str:
    return fails(folder=folder)


@task
def report(folder: str, err: FlyteError | None = None):
    with open(Path(folder, "report"), "a") as file:
        file.write(f"{err.failed_node_id}: {err.message}\n")


@workflow
def close_down(folder: str, err: FlyteError | None = None):
    report(folder=folder, err=err)


@workflow(on_failure=close_down)
def handled_by_a_workflow(folder: str) -> str:
    return fails(folder=mark(folder=folder, name="first"))


@workflow(on_failure=LaunchPlan.get_or_create(close_down, "close_down_plan"))
def handled_by_a_launch_plan(folder: str) -> str:
    return fails(folder=mark(folder=folder, name="first"))


@workflow(on_failure=report)
def handled_with_its_error(folder: str) -> str:
    # Not what the handler gets: it knows the inputs of the workflow and no more.
    marked = mark(folder=folder, name="first")
    failed = handled(folder=folder)
    marked >> failed
    return failed


shell = ContainerTask(name="shell", image="busybox", command=["echo"], inputs=kwtypes(x=int), outputs=kwtypes(y=int))


@workflow
def raw(x: int = 1) -> int:
    return shell(x=x)


@dynamic
def badly_drawn(count: int) -> int:
    pair = [describe(label="x", names={"a": index}) for index in range(count)]
    return double(x=pair[0])


@workflow
def badly_grown(count: int = 1) -> int:
    return badly_drawn(count=count)


@dynamic
def grow(count: int, settings: Settings) -> int:
    return total(numbers=[double(x=number) for number in range(count)], settings=settings)


@workflow
def growing(count: int, settings: Settings) -> int:
    return grow(count=count, settings=settings)


@task
def multiply(number: int, factor: int) -> int:
    return number * factor


@workflow
def mapping(numbers: list[int], factor: int) -> list[int]:
    return map_task(functools.partial(multiply, factor=factor), concurrency=2)(number=numbers)


@task
def divide(number: int) -> int:
    return 12 // number


@workflow
def mapping_with_losses(numbers: list[int]) -> list[int | None]:
    return map_task(divide, min_success_ratio=0.75)(number=numbers)


@task(enable_deck=True)
def with_a_logo() -> int:
    Deck("Logo", '<img src="https://example.org/logo.png" alt="Größe">')
    return 1


@workflow
def reported() -> int:
    return with_a_logo()
