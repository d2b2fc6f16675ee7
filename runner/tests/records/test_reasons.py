"""The reason of a failure in one line, and values as a record holds them."""

from datetime import date, datetime, timedelta
from enum import Enum
from typing import NamedTuple

import pytest
from flytekit import task, workflow
from flytekit.exceptions.user import FlyteValidationException

from runner.records.errors import reason
from runner.records.run_folder import plain


class Named(NamedTuple):
    count: int
    label: str


class OwnText(Exception):
    """An error whose text flytekit cannot change, as that of pandera."""

    def __str__(self) -> str:
        return "two\nlines"


class Colour(Enum):
    RED = "red"


@task
def text(words: str) -> str:
    return words


@task
def number(x: int) -> int:
    return x


@task
def wrong_output(x: int) -> int:
    return str(x)


@task
def wrong_named_output(x: int) -> Named:
    return Named(count=x, label=x)


@task
def fails(x: int) -> int:
    raise RuntimeError(f"{x} is\n   too many")
    return x


@workflow
def wrong_input(x: int = 1):
    number(x=text(words="one"))


def error_of(entity, **inputs) -> str:
    with pytest.raises(Exception) as caught:
        entity(**inputs)
    return reason(caught.value)


def test_an_error_at_a_border_is_one_line_that_names_it():
    assert error_of(wrong_input).startswith("bad input x: Cannot convert literal")
    assert error_of(wrong_output, x=1).startswith("bad output: ")
    assert error_of(wrong_named_output, x=1).startswith("bad output label: ")
    assert "\n" not in error_of(wrong_input) + error_of(wrong_output, x=1)


def test_an_error_with_a_text_of_its_own_keeps_it_at_a_border():
    error = OwnText("Failed to convert outputs of task 'a.b' at position 0.\nFailed …\nError Message: {'a': 1}.")
    assert reason(error) == "bad output: two lines"


def test_an_error_in_a_task_is_its_type_and_its_words():
    assert error_of(fails, x=3) == "RuntimeError: 3 is too many"
    assert reason(OwnText("other")) == "OwnText: two lines"


def test_an_error_of_flytekits_own_is_told_without_its_code():
    assert reason(FlyteValidationException("two outputs")) == "FlyteValidationException: two outputs"


def test_values_are_recorded_as_the_command_line_takes_them():
    assert plain({"colour": Colour.RED, "count": 1, "other": [1]}) == {"colour": "red", "count": 1, "other": "[1]"}
    when = {"day": date(2024, 12, 31), "time": datetime(2024, 12, 31, 23, 59), "wait": timedelta(minutes=90)}
    assert plain(when) == {"day": "2024-12-31", "time": "2024-12-31T23:59:00", "wait": "1:30:00"}
