"""Exercise 4: a workflow that makes the model in use the one that was promoted before."""

import json
import time
from hashlib import sha256
from pathlib import Path

import pytest
from penguin_pipeline import workflow
from penguin_pipeline.card import ModelCard, Origin
from penguin_pipeline.deciding import note
from penguin_pipeline.store import Store

ENTRY_POINT = "penguin_pipeline.workflow:roll_back"
ORIGIN = Origin(*["unknown"] * 6)


def of(model: bytes) -> str:
    return sha256(model).hexdigest()


def decided(store: Path, model: bytes, day: int, decision: str) -> None:
    """Writes what a night leaves in the store."""
    night = f"2026-11-0{day}"
    card = ModelCard(night, of(model), "data", 300, 0, 0.3, "verdict", {}, ORIGIN)
    if decision == "promoted":
        Store(str(store)).promote(model, night)
    note(card, decision, str(store))
    time.sleep(0.002)  # the name of the file is the time


def in_use(store: Path) -> str:
    return json.loads((store / "in_use.json").read_text())["sha256"]


@pytest.fixture
def store(tmp_path) -> Path:
    """Two models were promoted. In the nights after each of them, another one was not."""
    for day, model in enumerate((b"first", b"worse", b"second", b"worst"), start=2):
        decided(tmp_path, model, day, "promoted" if model in (b"first", b"second") else "not promoted")
    return tmp_path


def test_begun():
    assert hasattr(workflow, "roll_back"), "penguin_pipeline/workflow.py has no roll_back"


def rolled_back(execute, store: Path) -> str:
    """Returns what roll_back returns."""
    try:
        (found,) = execute(ENTRY_POINT, {"store": str(store)}).values()
    except Exception as error:
        pytest.fail(f"roll_back fails: {error}", pytrace=False)
    return found


def test_the_one_before(execute, store):
    found = rolled_back(execute, store)
    names = {of(model): model.decode() for model in (b"first", b"worse", b"second", b"worst")}
    assert in_use(store) == of(b"first"), (
        "first and second were promoted, worse and worst were not; after second, roll_back takes "
        f"{names.get(in_use(store), in_use(store))} into use, not first"
    )
    assert Store(str(store)).model_in_use() == b"first", "models/ has no file of the model in use"
    assert found == of(b"first"), f"roll_back returns {found!r}, not the hash of the model in use"


def refused(execute, store: Path) -> None:
    """There is no model before the one in use."""
    before = in_use(store)
    try:
        found = execute(ENTRY_POINT, {"store": str(store)})
    except Exception as error:
        assert "ValueError" in str(error), f"without a model before, roll_back must raise a ValueError, not: {error}"
    else:
        pytest.fail(f"without a model before, roll_back must fail; it returns {found}", pytrace=False)
    assert in_use(store) == before, "a roll_back that fails must leave the model in use"


def test_there_is_none(execute, tmp_path):
    decided(tmp_path, b"only", 2, "promoted")
    decided(tmp_path, b"worse", 3, "not promoted")
    refused(execute, tmp_path)


def test_one_call_after_another(execute, tmp_path):
    models = {of(model): model.decode() for model in (b"first", b"second", b"third")}
    for day, name in enumerate(models.values(), start=2):
        decided(tmp_path, name.encode(), day, "promoted")
    for call, expected in (("the first call", "second"), ("the second call", "first")):
        rolled_back(execute, tmp_path)
        found = models.get(in_use(tmp_path), in_use(tmp_path))
        assert found == expected, (
            f"first, second and third were promoted; {call} of roll_back takes {found} into use, not {expected}: "
            "begin at the model in use"
        )
    refused(execute, tmp_path)
    decided(tmp_path, b"second", 5, "promoted")
    rolled_back(execute, tmp_path)
    found = models.get(in_use(tmp_path), in_use(tmp_path))
    assert found == "first", (
        "first, second, third, and after two roll backs second were promoted; "
        f"roll_back then takes {found} into use, not first"
    )
