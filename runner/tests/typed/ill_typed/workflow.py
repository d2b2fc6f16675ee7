"""Mistakes where it is not obvious which line they are in; each line ends in `# wrong`."""

from functools import partial, wraps

from flytekit import Workflow, conditional, map_task, task, workflow


@task
def text() -> str:
    return ""


@task
def add(number: int, other: int = 1) -> int:
    return number + other


@task
def fail(numer: int) -> None:
    pass


def added(number):
    return add(number=number)  # wrong


@workflow
def in_several_lines() -> int:
    return add(
        other=add(number=1),
        number=text(),  # wrong
    )


@workflow
def in_a_loop() -> int:
    numbers = [1, text(), 2]
    last = 0
    for number in numbers:
        last = add(number=number)  # wrong
    return last


@workflow
def in_a_function() -> int:
    return added(text())


def logged(function):
    @wraps(function)
    def called(*arguments, **named):
        return function(*arguments, **named)

    return called


def made_here(limit):
    @workflow
    @logged
    def with_text_at_the_margin() -> str:
        _ = """
at the margin
"""
        return add(number=limit)  # wrong

    return with_text_at_the_margin


made = made_here(1)


@workflow
def in_a_nested_branch(number: int = 1) -> int:
    return (
        conditional("outer")
        .if_(number > 1)
        .then(add(number=number))
        .elif_((number > 2) & (number == "b"))  # wrong
        .then(add(number=number))
        .else_()
        .then(
            conditional("inner")
            .if_(number < 2)
            .then(add(number=text()))  # wrong
            .else_()
            .then(add(number=number))
        )
    )


@workflow
def among_results() -> tuple[int, str]:
    first = add(number=1)
    return first, first  # wrong


@workflow
def in_partial() -> list[int]:
    return map_task(partial(add, other=text()))(number=[1])  # wrong


imperative = Workflow(name="ill_typed.workflow.imperative")
imperative.add_workflow_input("number", str)
step = imperative.add_entity(add, number=imperative.inputs["number"])  # wrong
imperative.add_workflow_output("number", step.outputs["o0"])


@workflow
def outside() -> int:
    """Its inner workflow is wrong, but it is not."""
    return imperative(number=text())
