"""Exercise 3: the first attempt of load dies inside of its transaction, and the night succeeds."""

import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from penguin_pipeline import arrival, database, events, loading, workflow
from penguin_pipeline.events import Survey
from sqlalchemy import text

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from nights import outcomes

NIGHT = datetime(2026, 11, 2)


class Dead(BaseException):
    """Stands for the end of the process."""


def test_begun():
    found = [event.value for event in events.DieAt]
    assert "loading" in found, f"die_at may be {', '.join(found)}, and not loading"


def test_the_default():
    default = loading.load.python_interface.inputs_with_defaults.get("die_at", (None, None))[1]
    assert default is events.DieAt.nowhere, "the input die_at of load needs the default DieAt.nowhere"


def test_the_night(recorded):
    run = recorded(workflow.nightly, die_at=events.DieAt.loading, rates=[0.3], n_epochs=2)
    found = outcomes(run).get("load", ["never started"])
    assert found[0] == "system failure", (
        f"the first attempt of load ends as {found[0]}, not as a system failure: an exception is not a death"
    )
    assert found == ["system failure", "succeeded"], f"the attempts of load end as {', '.join(found)}"
    assert run.record.status == "succeeded", f"the night fails: {run.record.error}"
    other = outcomes(recorded(workflow.nightly, rates=[0.3], n_epochs=2))["load"]
    assert other == ["succeeded"], f"without --die_at loading, load ends as {', '.join(other)}"


def test_the_moment(monkeypatch):
    counts, opened = [], []
    transaction = database.transaction

    @contextmanager
    def watched(uri):
        with transaction(uri) as connection:
            opened.append(connection)
            yield connection
            opened.clear()

    def die(*_):
        counts.append(opened[0].execute(text("select count(*) from surveys")).scalar() if opened else None)
        raise Dead

    monkeypatch.setattr(database, "transaction", watched)
    monkeypatch.setattr(os, "_exit", die)
    monkeypatch.setattr(os, "kill", die)
    files = arrival.arrive.task_function(survey=Survey.usual, seed=1)
    with suppress(Dead):
        loading.load.task_function(files=files, night=NIGHT, die_at=events.DieAt.loading)
    assert counts, "load does not end its process by os._exit or os.kill"
    assert counts[0] is not None, "load dies outside of its transaction, so it leaves all rows or none in any case"
    assert counts[0] == 300, f"when load dies, its transaction has inserted {counts[0]} rows, not 300"


def test_the_image():
    code = "import sys, penguin_pipeline.loading; sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1])
    assert done.returncode == 0, "loading.py now imports PyTorch, which its image does not have"
