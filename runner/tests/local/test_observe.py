"""What is noted of tasks: their error in one line, the fullest deck, warnings."""

from enum import Enum
from pathlib import Path
from typing import NamedTuple

import pytest
from flytekit import Deck, StructuredDataset, kwtypes, task, workflow
from flytekit.extras.sqlite3.task import SQLite3Config, SQLite3Task
from flytekit.loggers import logger

from runner.local.observe import observed
from runner.records import page
from runner.records.errors import reason
from runner.records.record import TaskRun
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


@task(enable_deck=True, deck_fields=[])
def publishes(x: int) -> int:
    for tab in range(x):
        Deck(f"Tab {tab}", "…").publish()
    logger.warning("more than\n  one line")
    return x


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


def test_the_fullest_deck_and_warnings_are_kept(tmp_path: Path, capsys):
    handlers = logger.handlers
    runs: list[TaskRun] = []
    with observed(tmp_path, runs, report=lambda run: None):
        publishes(x=6)
    assert "Tab 5" in (tmp_path / runs[0].deck).read_text()
    assert runs[0].warnings == ["more than one line"]
    assert capsys.readouterr().out == f"  {'publishes':<30} warning   more than one line\n"
    assert "warning: more than one line" in page.task_row(runs[0])
    assert logger.handlers is handlers


def test_a_declarative_task_that_fails_is_told_by_the_run_and_not_logged_too(tmp_path, capfd):
    query = SQLite3Task(
        name="query",
        query_template="select * from missing where a = {{ .inputs.a }}",
        inputs=kwtypes(a=int),
        output_schema_type=StructuredDataset,
        task_config=SQLite3Config(uri=str(tmp_path / "empty.db")),
    )
    (tmp_path / "empty.db").touch()
    runs = []
    with pytest.raises(Exception, match="no such table"), observed(tmp_path, runs, lambda run: None):
        query(a=1)
    assert [run.status for run in runs] == ["failed"]
    assert "no such table" in runs[0].error
    assert "no such table" not in "".join(capfd.readouterr())


def test_an_enum_is_recorded_by_its_value():
    assert plain({"colour": Colour.RED, "count": 1, "other": [1]}) == {"colour": "red", "count": 1, "other": "[1]"}
