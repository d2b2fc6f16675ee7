"""Exercise 1: the quarantine of every night is in the store, and check_rows remains cached."""

import sys
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from penguin_pipeline import data, workflow
from penguin_pipeline.events import Survey

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from nights import outcomes

COLUMNS = {*data.COLUMNS, "reason"}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture
def night(recorded, store, request):
    """Runs a night, by default with a broken survey, on a day of November; a quick one."""

    def night(day: int, survey: Survey = Survey.broken):
        inputs = {"survey": survey, "rates": [0.3], "n_epochs": 2}
        return recorded(workflow.nightly, night=datetime(2026, 11, day), store=str(store), **inputs)

    return night


def test_begun():
    sources = [file.read_text(encoding="utf-8") for file in Path(workflow.__file__).parent.glob("*.py")]
    assert any("quarantine/" in source for source in sources), "no module writes to quarantine/ in the store"


def test_both_nights(night, store):
    first, second = night(2), night(3)
    for run, day in ((first, 2), (second, 3)):
        assert run.record.status == "succeeded", f"the night fails: {run.record.error}"
        name = f"quarantine/2026-11-0{day}.csv"
        assert (store / name).is_file(), (
            f"the store has no {name}; in the night, check_rows is {outcomes(run)['check_rows'][-1]}: "
            "a task that is cached does not run, and writes nothing"
        )
    found = outcomes(second)["check_rows"]
    assert found == ["cached"], f"in the second night with the same rows, check_rows is {found[-1]}, not cached"


def test_its_content(store):
    found = pd.read_csv(store / "quarantine" / "2026-11-02.csv")
    assert len(found) == 21, f"quarantine/2026-11-02.csv has {len(found)} rows, and 21 are in quarantine"
    missing, further = COLUMNS - {*found.columns}, {*found.columns} - COLUMNS
    assert not missing, f"quarantine/2026-11-02.csv lacks the columns {', '.join(sorted(missing))}"
    assert not further, (
        f"quarantine/2026-11-02.csv has a column {', '.join(sorted(further))}, which the quarantine does not have"
    )


def test_a_night_without_bad_rows(night, store):
    run, file = night(4, Survey.usual), store / "quarantine" / "2026-11-04.csv"
    assert run.record.status == "succeeded", f"the night without bad rows fails: {run.record.error}"
    assert file.is_file(), "a night without bad rows has no file in quarantine/; its file has only the header"
    found = pd.read_csv(file)
    wanted = found.empty and {*found.columns} == COLUMNS
    assert wanted, f"in a night without bad rows, the file must have only the header, not {file.read_text()[:200]!r}"
