"""Mistakes in data classes, data frames, files and directories."""

from flytekit import workflow

from broken import tasks


@workflow
def other_data_class() -> str:
    return tasks.survey(island=tasks.a_penguin())  # wrong


@workflow
def field_of_other_type() -> int:
    return tasks.double(number=tasks.a_penguin().name)  # wrong


@workflow
def field_that_is_not_there() -> int:
    return tasks.double(number=tasks.a_penguin().wingspan)  # wrong


@workflow
def missing_column() -> float:
    return tasks.ratio(data=tasks.masses())  # wrong


@workflow
def column_of_other_type() -> float:
    return tasks.mean_mass(data=tasks.masses_as_texts())  # wrong


@workflow
def csv_for_picture() -> int:
    return tasks.show(picture=tasks.a_csv())  # wrong


@workflow
def directory_for_file() -> str:
    return tasks.read(file=tasks.a_folder())  # wrong
