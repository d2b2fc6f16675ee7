"""Mistakes that nobody finds before the workflow runs, because the types fit and only the values are wrong."""

from flytekit import workflow

from broken import tasks


@workflow
def text_into_enum() -> str:
    return tasks.latin(species=tasks.a_text())


@workflow
def dict_into_data_class() -> int:
    return tasks.weigh(penguin=tasks.a_dict())


@workflow
def data_frame_without_columns() -> int:
    return tasks.lightest(data=tasks.bills())


@workflow
def constant_with_bad_field() -> int:
    return tasks.weigh(penguin=tasks.Penguin(name="Pingu", mass="heavy"))
