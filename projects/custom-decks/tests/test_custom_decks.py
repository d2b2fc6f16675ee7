"""Tests the figures of the lesson and of its README, and its decks."""

import json
import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Annotated

import flytekit
import joblib
import pandas as pd
import pytest
import workshop
from custom_decks import card, workflow
from flytekit import Deck, task
from links import links
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from workshop.hashes import hash_frame
from workshop.penguins import FEATURES

LESSON = Path(__file__).parents[1]
DATA = workflow.get_data()


def test_case(case, check):
    check(case)


@pytest.mark.every_tier
def test_the_card_names_what_the_model_was_made_from(execute, request):
    outputs = execute("custom_decks.workflow:audited_training", {"seed": 2, "folds": 4})
    found = outputs["card"]
    assert found.model_hash == joblib.hash(outputs["model"])
    assert found.data_sha256 == hash_frame(DATA)
    assert (found.rows, found.inputs) == (333, {"seed": 2, "folds": 4})
    assert found.scores["accuracy"] == outputs["accuracy"]

    assert found.origin.lock_sha256 == sha256((LESSON / "requirements.txt").read_bytes()).hexdigest()
    assert found.origin.code_sha256 == card.code_hash(LESSON / "custom_decks", Path(workshop.__file__).parent)
    image = request.config.getoption("images")["default"].reference
    in_image = request.config.getoption("tier") == "image"
    assert found.origin.image == (image if in_image else card.UNKNOWN)
    commit, dash, rest = os.environ["CODE_REVISION"].partition("-")
    # Outside of a git repository, the revision is not known.
    revision = image.rpartition(":")[2] if in_image else commit[:12] + dash + rest
    assert found.origin.revision == (revision or card.UNKNOWN)


def test_only_penguins_of_the_same_fold_are_ranked_against_each_other():
    model = workflow.train(data=DATA, classifier=workflow.LOGISTIC)
    found = workflow.judge(model=model, data=DATA, seed=1, folds=5).scores["ROC AUC"]
    unseen = StratifiedKFold(5, shuffle=True, random_state=1)
    scores = cross_val_score(model, DATA[FEATURES], DATA["sex"] == "male", cv=unseen, scoring="roc_auc")
    assert found == pytest.approx(scores.mean(), abs=1e-12)


@pytest.mark.parametrize(
    ("given", "revision"),
    [
        ("0123456789abcdef0123456789abcdef01234567", "0123456789ab"),
        ("0123456789abcdef0123456789abcdef01234567-dirty", "0123456789ab-dirty"),
        ("0123456789ab", "0123456789ab"),  # the tag of an image
    ],
)
def test_revision_and_image_come_from_outside(given, revision, monkeypatch):
    monkeypatch.setenv("CODE_REVISION", given)
    monkeypatch.setenv("FLYTE_INTERNAL_IMAGE", "registry.example/custom-decks:0123456789ab")
    found = card.origin()
    assert (found.revision, found.image) == (revision, "registry.example/custom-decks:0123456789ab")


def test_what_is_not_known_is_called_unknown(tmp_path, monkeypatch):
    monkeypatch.setattr(card, "LOCK", tmp_path / "requirements.txt")
    monkeypatch.setenv("CODE_REVISION", "")
    monkeypatch.delenv("FLYTE_INTERNAL_IMAGE", raising=False)
    found = card.origin()
    assert (found.revision, found.lock_sha256, found.image) == ("unknown", "unknown", "unknown")


def test_the_hash_of_the_code_changes_with_any_file_and_not_with_the_place(tmp_path):
    here = shutil.copytree(LESSON / "custom_decks", tmp_path / "here")
    there = shutil.copytree(LESSON / "custom_decks", tmp_path / "there")
    assert card.code_hash(here) == card.code_hash(there)
    with (there / "renderers.py").open("a") as file:
        file.write("# changed\n")
    assert card.code_hash(here) != card.code_hash(there)


def test_a_renderer_that_fails_fails_its_task():
    class Broken:
        def to_html(self, value: int) -> str:
            raise RuntimeError("cannot be shown")

    @task(enable_deck=True, deck_fields=workflow.OUTPUT)
    def one() -> Annotated[int, Broken()]:
        return 1

    with pytest.raises(RuntimeError, match="cannot be shown"):
        one()


@task(enable_deck=True, deck_fields=())
def twice() -> None:
    Deck("name", "the first")
    Deck("name", "the second")


@flytekit.workflow
def run_twice() -> None:
    twice()


def test_two_decks_with_the_same_name_are_one_tab(recorded):
    (deck,) = recorded(run_twice).folder.rglob("deck.html")
    assert "the second" in deck.read_text()
    assert "the first" not in deck.read_text()


# The decks of a run, as `make run` leaves them.


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run."""
    out = tmp_path_factory.mktemp("out")
    subprocess.run([sys.executable, "-m", "runner", "run", LESSON, out, "{}"], check=True, capture_output=True)
    (record,) = out.glob("*/*/record.json")
    return record.parent


def decks(run: Path) -> list[tuple[str, str]]:
    """Returns the name of each task with a deck, and its deck."""
    tasks = json.loads((run / "record.json").read_text())["tasks"]
    return [(task["name"], (run / task["deck"]).read_text()) for task in tasks if task["deck"]]


def test_each_deck_has_the_tabs_that_the_task_asks_for(run):
    tabs = sorted((name, *re.findall(r"<li onclick=[^>]*>([^<]*)</li>", deck)) for name, deck in decks(run))
    # An exercise adds the task `audit`, which may have a deck.
    assert [found for found in tabs if found[0] != "audit"] == [
        ("compare", "Calibration", "Confusion", "Learning curves"),
        ("judge", "Output"),
        ("judge", "Output"),
        ("train", "Output"),
        ("train", "Output"),
        ("write_card", "Output"),
    ]


def test_decks_need_no_network_and_few_bytes(run):
    for name, deck in decks(run):
        # Flyte's frame names fonts of the network. The deck's policy keeps the browser from loading them.
        frame = re.compile(r"<link[^>]*https://fonts\.(googleapis|gstatic)\.com[^>]*>")
        assert not links(frame.sub("", deck)), name
        assert len(deck) < 100_000, name


def test_the_deck_of_the_card_shows_what_the_stored_data_and_model_hash_to(run, lesson):
    shown = unescape(dict(decks(run))["write_card"])
    (table,) = run.glob("nodes/n0/*/data/*/00000")
    models = [joblib.load(file) for file in run.glob("nodes/*/*/data/*/*.joblib")]
    assert hash_frame(pd.read_parquet(table)) in shown
    assert [type(model[-1]) for model in models if joblib.hash(model) in shown] == [LogisticRegression]
    for fact in (
        str(lesson.cases[0].outputs["accuracy"]),
        sha256((LESSON / "requirements.txt").read_bytes()).hexdigest(),
    ):
        assert fact in shown
