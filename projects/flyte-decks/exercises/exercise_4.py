"""Exercise 4: the newest weights of a model that is still in training, in a tab that survives."""

import re
from pathlib import Path

import pytest
from flyte_decks import workflow
from flyte_decks.workflow import Ending
from flytekit import workflow as flyte_workflow
from workshop import penguins


@flyte_workflow
def only_the_training(ending: Ending) -> float:
    survey = workflow.keep_measured(survey=workflow.get_survey())
    return workflow.train(data=survey, rounds=4, ending=ending, pause=0.0)


@pytest.fixture
def deck(recorded):
    def deck(ending):
        run = recorded(only_the_training, ending=ending)
        task = run.record.tasks[-1]
        assert task.name == "train", f"{task.name} fails: {task.error}"
        return (run.folder / task.deck).read_text(encoding="utf-8") if task.deck else ""

    return deck


def tabs(page):
    return re.findall(r'handleLinkClick\(this\)">(.*?)</li>', page)


def test_begun():
    source = Path(workflow.__file__).read_text(encoding="utf-8")
    assert "Weights" in source, "flyte_decks/workflow.py makes no tab Weights"


def test_it_shows_the_weights(deck):
    page = deck(Ending.done)
    assert "Weights" in tabs(page), f"after a training without a failure the deck has the tabs {', '.join(tabs(page))}"
    missing = [name for name in (*penguins.SPECIES, *penguins.FEATURES) if name not in page]
    assert not missing, f"the tab Weights does not name {', '.join(missing)}"


@pytest.mark.parametrize("ending", [Ending.error, Ending.dead])
def test_it_survives(ending, deck):
    page = deck(ending)
    assert "Weights" in tabs(page), f"with --ending {ending.value} the deck has the tabs {', '.join(tabs(page))} only"


def test_it_shows_the_newest_weights_only(deck):
    found = deck(Ending.dead).count("flipper_length_mm")
    assert found == 1, f"after two rounds the tab shows {found} tables of weights, not one: of the newest round"
    assert "Round 2" in deck(Ending.dead), "the tab Progress must still show both rounds"
