"""What stored outputs hold, taken when they are recorded: bounded, and never read from a pickle."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from runner.records.data import stored
from runner.records.picture.timeline import Axis
from runner.records.previews import CELL, COLUMNS, DESCRIPTIONS, ROWS, TABLES, WORDS, with_previews

# As flytekit's entry point stores what a task returns.
MODEL = """
import asyncio
import sys
from pathlib import Path
from flytekit import FlyteContextManager
from flytekit.core.type_engine import TypeEngine
from sklearn.linear_model import LogisticRegression
from runner.harness.descriptions import note_models

class Broken(LogisticRegression):
    def __repr__(self):
        raise RuntimeError("no words")

note_models(Path(sys.argv[1]))
context = FlyteContextManager.current_context()
for value in (LogisticRegression(C=0.5), [LogisticRegression(C=2.0)], Broken(), {"no": "model"}):
    kind = list[LogisticRegression] if isinstance(value, list) else type(value)
    asyncio.run(TypeEngine.async_to_literal(context, value, kind, TypeEngine.to_literal_type(kind)))
"""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "lesson" / "run"
    (folder / "nodes").mkdir(parents=True)
    return folder


def test_the_first_rows_of_a_table_are_kept_bounded(run):
    wide = {f"column {number}": ["x" * 100] * 50 for number in range(COLUMNS + 3)}
    file = run / "nodes" / "table.parquet"
    parquet.write_table(pyarrow.table(wide | {"__index_level_0__": list(range(50))}), file)
    (item,) = with_previews({"o0": [stored(str(file), run)]}, run, run)["o0"]
    assert len(item.rows) == ROWS
    assert {len(row) for row in item.rows} == {COLUMNS}
    assert max(len(cell) for row in item.rows for cell in row) == CELL + 2


def test_no_more_than_some_tables_of_an_attempt_are_opened(run):
    files = [run / "nodes" / f"{number}.parquet" for number in range(TABLES + 2)]
    for file in files:
        parquet.write_table(pyarrow.table({"a": [1.23456789, None]}), file)
    items = with_previews({"o0": [stored(str(file), run) for file in files]}, run, run)["o0"]
    assert [len(item.rows) for item in items] == [2] * TABLES + [0, 0]
    assert items[0].rows == [["1.23457"], ["None"]]


@pytest.mark.parametrize("text", ["{", "[]", '{"x": 1}', "\udcff"])
def test_descriptions_that_a_task_has_damaged_say_nothing(run, text):
    (run / DESCRIPTIONS).write_text(text, errors="surrogateescape")
    (run / "nodes" / "x").write_text("x")
    assert with_previews({"o0": [stored(str(run / "nodes" / "x"), run)]}, run, run)["o0"][0].words == ""


def test_a_long_description_is_cut_off(run):
    (run / "nodes" / "x").write_text("x")
    (run / DESCRIPTIONS).write_text(json.dumps({str(run / "nodes" / "x"): "w" * 10 * WORDS}))
    (item,) = with_previews({"o0": [stored(str(run / "nodes" / "x"), run)]}, run, run)["o0"]
    assert len(item.words) == WORDS + 2


def test_models_describe_themselves_and_one_that_cannot_does_no_harm(tmp_path):
    subprocess.run([sys.executable, "-c", MODEL, tmp_path], check=True, cwd=tmp_path)
    words = list(json.loads((tmp_path / DESCRIPTIONS).read_text()).values())
    assert words == ["LogisticRegression(C=0.5)", "LogisticRegression(C=2.0)"]


def test_a_long_pause_of_a_resumed_run_takes_no_place():
    axis = Axis([(0, 10), (1000, 1010)])
    assert (axis.seconds, axis.place(5), axis.place(10), axis.place(1005)) == (20, 25, 50, 75)
    assert Axis([(0, 10), (12, 20)]).seconds == 20
