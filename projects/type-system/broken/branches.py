"""Mistakes in conditions, and in the cases that they select."""

from flytekit import conditional, workflow

from broken import tasks


@workflow
def condition_on_other_type(limit: int = 3) -> int:
    return (
        conditional("limit")
        .if_(limit == "high")  # wrong
        .then(tasks.a_number())
        .else_()
        .then(tasks.double(number=limit))
    )


@workflow
def condition_on_field() -> int:
    penguin = tasks.a_penguin()
    return (
        conditional("mass")
        .if_(penguin.mass > 3000)  # wrong
        .then(tasks.a_number())
        .else_()
        .then(tasks.double(number=1))
    )


@workflow
def condition_on_none() -> int:
    number = tasks.maybe_a_number()
    return (
        conditional("none")
        .if_(number.is_none())  # wrong
        .then(tasks.a_number())
        .else_()
        .then(tasks.double(number=1))
    )


@workflow
def cases_of_different_types(limit: int = 3) -> int:
    return conditional("limit").if_(limit > 2).then(tasks.a_number()).else_().then(tasks.a_text())  # wrong


@workflow
def input_inside_a_case(limit: int = 3) -> int:
    text = tasks.a_text()
    return (
        conditional("limit")
        .if_(limit > 2)
        .then(tasks.double(number=text))  # wrong
        .else_()
        .then(tasks.double(number=limit))
    )


@workflow
def call_inside_a_case(limit: int = 3) -> int:
    return (
        conditional("limit")
        .if_(limit > 2)
        .then(tasks.double(number=tasks.a_number()))  # wrong
        .else_()
        .then(tasks.double(number=limit))
    )
