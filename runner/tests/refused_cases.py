"""Workflows that the harness refuses, before it runs anything or when it has the lists of a map task."""

from datetime import timedelta

from flytekit import (
    LaunchPlan,
    conditional,
    dynamic,
    map_task,
    reference_launch_plan,
    reference_task,
    sleep,
    task,
    workflow,
)
from hard_cases import mapped_plan, mapped_within, up, word


@workflow
def pausing() -> str:
    found = word(text="before")
    sleep(timedelta(seconds=1)) >> found
    return found


@dynamic
def draws_a_pause(text: str) -> str:
    found = word(text=text)
    sleep(timedelta(seconds=1)) >> found
    return found


@workflow
def pausing_in_a_drawn_graph(text: str = "x") -> str:
    return draws_a_pause(text=text)


@workflow
def losing_a_call(text: str = "x") -> str:
    return conditional("c").if_(text == "x").then(up(tag=text)).else_().then(up(tag=word(text=text)))


@reference_task(project="p", domain="development", name="elsewhere.double", version="1")
def elsewhere(number: int) -> int: ...


@workflow
def referring(number: int = 1) -> int:
    return elsewhere(number=number)


@dynamic
def draws_an_unknown_plan(tags: list[str]) -> list[str]:
    """Makes a launch plan that no module has, so that on a cluster none is registered."""
    return LaunchPlan(
        name="unknown_plan",
        workflow=mapped_within,
        parameters=mapped_plan.parameters,
        fixed_inputs=mapped_plan.fixed_inputs,
    )(tags=tags)


@workflow
def drawing_an_unknown_plan(tags: list[str] = ["a"]) -> list[str]:
    return draws_an_unknown_plan(tags=tags)


@workflow
def mapping_a_launch_plan() -> list[list[str]]:
    return map_task(mapped_plan)(tags=[["a"], ["b"]])


@workflow
def uneven(tags: list[str] = ["a"], others: list[str] = ["b", "c"]) -> list[str]:
    return map_task(joined)(one=tags, other=others)


@reference_launch_plan(project="p", domain="development", name="elsewhere.plan", version="1")
def plan_elsewhere(number: int) -> int:
    return number


@workflow
def referring_to_a_plan(number: int = 1) -> int:
    return plan_elsewhere(number=number)


@workflow
def naming_alike(text: str = "x") -> tuple[str, str]:
    return word(text=text).with_overrides(node_name="same"), up(tag=text).with_overrides(node_name="same")


@dynamic
def draws_alike(count: int) -> list[str]:
    return [word(text=str(number)).with_overrides(node_name="same") for number in range(count)]


@workflow
def naming_alike_in_a_drawn_graph(count: int = 2) -> list[str]:
    return draws_alike(count=count)


@workflow
def without_an_else(text: str = "x") -> str:
    return conditional("c").if_(text == "x").then(word(text=text)).elif_(text == "y").then(up(tag=text))


@task
def joined(one: str, other: str) -> str:
    return one + other
