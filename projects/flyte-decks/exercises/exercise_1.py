"""Exercise 1: get_survey has a deck with one tab, which shows eight rows of its output."""

import re

import pandas as pd
import pytest
from flyte_decks import workflow
from flytekit import workflow as flyte_workflow


@flyte_workflow
def only_the_survey() -> pd.DataFrame:
    return workflow.get_survey()


@pytest.fixture
def deck(recorded):
    run = recorded(only_the_survey)
    (task,) = run.record.tasks
    assert task.status == "succeeded", f"get_survey fails: {task.error}"
    return (run.folder / task.deck).read_text(encoding="utf-8")


def test_begun():
    assert not workflow.get_survey.disable_deck, "get_survey has no deck"


def test_tabs(deck):
    found = re.findall(r'handleLinkClick\(this\)">(.*?)</li>', deck)
    assert found == ["Output"], f"the deck has the tabs {', '.join(found) or 'none'}; it must have the tab Output only"


def test_rows(deck):
    found = [number for number in re.findall(r"<th>(\d+)</th>", deck) if int(number) < 344]
    expected = ["0", "1", "2", "3", "340", "341", "342", "343"]
    assert found == expected, (
        f"the tab Output shows {len(found)} rows, but in the deck of keep_measured it has eight: "
        "which type does that task return?"
    )
