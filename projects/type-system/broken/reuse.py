"""Mistakes in calls of workflows and launch plans inside a workflow."""

from flytekit import LaunchPlan, workflow

from broken import tasks


@workflow
def inner(number: int) -> int:
    return tasks.double(number=number)


inner_plan = LaunchPlan.get_or_create(name="inner_plan", workflow=inner, default_inputs={"number": 1})


@workflow
def text_into_sub_workflow() -> int:
    return inner(number=tasks.a_text())  # wrong


@workflow
def text_into_launch_plan() -> int:
    return inner_plan(number=tasks.a_text())  # wrong
