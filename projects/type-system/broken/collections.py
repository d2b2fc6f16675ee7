"""Mistakes in lists, dictionaries and map tasks."""

from functools import partial

from flytekit import map_task, workflow

from broken import tasks


@workflow
def text_in_list() -> int:
    return tasks.total(numbers=[tasks.a_number(), tasks.a_text()])  # wrong


@workflow
def list_of_texts() -> int:
    return tasks.total(numbers=tasks.texts())  # wrong


@workflow
def number_for_list() -> int:
    return tasks.total(numbers=tasks.a_number())  # wrong


@workflow
def text_in_dictionary() -> int:
    return tasks.total_by_name(numbers={"a": tasks.a_number(), "b": tasks.a_text()})  # wrong


@workflow
def mapped_over_number() -> list[int]:
    return map_task(tasks.double)(number=tasks.a_number())  # wrong


@workflow
def mapped_over_texts() -> list[int]:
    return map_task(tasks.double)(number=tasks.texts())  # wrong


@workflow
def text_bound_to_members() -> list[int]:
    text = tasks.a_text()
    return map_task(partial(tasks.add, other=text))(number=tasks.numbers())  # wrong


@workflow
def results_of_failed_members() -> int:
    doubled = map_task(tasks.double, min_success_ratio=0.5)(number=tasks.numbers())
    return tasks.total(numbers=doubled)  # wrong
