"""Mistakes that flytekit itself reports when it builds the graph."""

from flytekit import workflow

from broken import tasks


@workflow
def constant_of_other_type() -> int:
    return tasks.double(number="two")  # wrong


@workflow
def constant_in_list() -> int:
    return tasks.total(numbers=[1, "two"])  # wrong


@workflow
def constant_for_list() -> int:
    return tasks.total(numbers=2)  # wrong


@workflow
def constant_of_no_species() -> str:
    return tasks.latin(species="Emperor")  # wrong


@workflow
def constant_of_other_class() -> int:
    return tasks.weigh(penguin=tasks.Island(name="Torgersen", area=0.1))  # wrong


@workflow
def default_of_other_type(number: int = "two") -> int:  # wrong
    return tasks.double(number=number)


@workflow
def missing_input() -> int:
    return tasks.double()  # wrong


@workflow
def unknown_input() -> int:
    return tasks.double(number=2, times=3)  # wrong


@workflow
def unknown_output() -> int:
    return tasks.double(number=tasks.extremes().median)  # wrong


@workflow
def python_condition(limit: int = 3) -> int:
    if limit > 2:  # wrong
        return tasks.a_number()
    return tasks.double(number=limit)


@workflow
def python_arithmetic() -> int:
    return tasks.a_number() + 1  # wrong
