"""Mistakes in connections: the output of one task is the input of another task."""

from flytekit import workflow

from broken import tasks


@workflow
def text_into_number() -> int:
    return tasks.double(number=tasks.a_text())  # wrong


@workflow
def number_into_text() -> str:
    return tasks.shout(text=tasks.a_number())  # wrong


@workflow
def optional_into_required() -> int:
    return tasks.double(number=tasks.maybe_a_number())  # wrong


@workflow
def union_into_other_union() -> int:
    return tasks.rounded(value=tasks.a_number_or_text())  # wrong


@workflow
def enum_into_other_enum() -> str:
    return tasks.call(sex=tasks.a_species())  # wrong


@workflow
def text_as_result() -> int:
    return tasks.a_text()  # wrong
