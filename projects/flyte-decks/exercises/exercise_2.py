"""Exercise 2: a box for each species, in a deck that needs no network."""

import pandas as pd
import pytest
from flyte_decks import workflow
from flytekit import workflow as flyte_workflow
from workshop import penguins


@flyte_workflow
def only_the_drawing(data: pd.DataFrame):
    workflow.draw(data=data)


@pytest.fixture
def deck(recorded):
    run = recorded(only_the_drawing, data=workflow.penguins.load().dropna(subset=penguins.FEATURES))
    (task,) = run.record.tasks
    assert task.status == "succeeded", f"draw fails: {task.error}"
    return (run.folder / task.deck).read_text(encoding="utf-8")


def test_begun():
    names = workflow.draw.task_function.__code__.co_names
    assert "BoxRenderer" not in names, "draw still calls BoxRenderer, which draws one box for all species"


def test_tabs(deck):
    assert ">Box plot</li>" in deck, "the deck of draw has no tab Box plot any more"


def test_a_box_for_each_species(deck):
    plot = deck.partition("Plotly.newPlot(")[2].partition("</script>")[0]
    assert '"type":"box"' in plot, "the tab Box plot has no box plot by Plotly"
    missing = [species for species in penguins.SPECIES if f'"{species}"' not in plot]
    assert not missing, f"the box plot does not name {', '.join(missing)}: give Plotly the species, as x or as color"


def test_the_library_is_in_the_page(deck):
    size = len(deck) / 1e6
    assert size > 4, f"the deck has {size:.2f} MB: it has not got Plotly inside, so the plot is blank without a network"
    assert size < 8, f"the deck has {size:.1f} MB: it has Plotly inside more than once"
