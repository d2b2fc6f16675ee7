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


def test_the_one_before(execute, store):
    try:
        (found,) = execute(ENTRY_POINT, {"store": str(store)}).values()
    except Exception as error:
        pytest.fail(f"roll_back fails: {error}", pytrace=False)
    names = {of(model): model.decode() for model in (b"first", b"worse", b"second", b"worst")}
    assert in_use(store) == of(b"first"), (
        "first and second were promoted, worse and worst were not; after second, roll_back takes "
        f"{names.get(in_use(store), in_use(store))} into use, not first"
    )
    assert Store(str(store)).model_in_use() == b"first", "models/ has no file of the model in use"
    assert found == of(b"first"), f"roll_back returns {found!r}, not the hash of the model in use"


def test_there_is_none(execute, tmp_path):
    store = tmp_path / "one"
    decided(store, b"only", 2, "promoted")
    decided(store, b"worse", 3, "not promoted")
    try:
        found = execute(ENTRY_POINT, {"store": str(store)})
    except Exception as error:
        assert "ValueError" in str(error), f"without a model before, roll_back must raise a ValueError, not: {error}"
    else:
        pytest.fail(f"without a model before, roll_back must fail; it returns {found}", pytrace=False)
    assert in_use(store) == of(b"only"), "a roll_back that fails must leave the model in use"
