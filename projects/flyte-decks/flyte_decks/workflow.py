"""A deck shows what a task did: it is a page of tabs that Flyte stores with the task's outputs.

Read from top to bottom: Flyte's built-in tabs, the standard renderers, and a report that exists before its task
ends. profiling.py has the data profile, which needs a separate image.
"""

import os
import time
from enum import Enum
from io import BytesIO
from typing import Annotated, NamedTuple

import pandas as pd
import PIL.Image
from flytekit import Deck, task, workflow
from flytekit.core.utils import timeit
from flytekit.deck import DeckField, MarkdownRenderer, TopFrameRenderer
from flytekitplugins.deck import BoxRenderer, ImageRenderer, TableRenderer
from sklearn.linear_model import SGDClassifier
from sklearn.preprocessing import StandardScaler
from workshop import penguins
from workshop.resources import SMALL

from flyte_decks.profiling import profile


class Ending(Enum):
    """How training ends: normally, or in round 3 with an error or as if its machine were lost."""

    done = "done"
    error = "error"
    dead = "dead"


class Trained(NamedTuple):
    accuracy: float


# The type defines how a deck shows a value, for every task that takes or returns this type.
Table = Annotated[pd.DataFrame, TopFrameRenderer(max_rows=8)]


# By default, a task has no deck.
@task(resources=SMALL)
def get_survey() -> pd.DataFrame:
    """Returns all 344 penguins."""
    return penguins.load()


# enable_deck alone adds five tabs that Flyte fills. These are four of them: the fifth, DEPENDENCIES, calls pip, and
# the images of these lessons do not contain pip. timeit adds a line to the timeline.
BY_FLYTE = (DeckField.SOURCE_CODE, DeckField.TIMELINE, DeckField.INPUT, DeckField.OUTPUT)


@task(resources=SMALL, enable_deck=True, deck_fields=BY_FLYTE)
def keep_measured(survey: Table) -> Table:
    """Drops the penguins without measurements."""
    with timeit("drop what was not measured"):
        return survey.dropna(subset=penguins.FEATURES)


# Every Deck adds one tab: a name and any HTML. A renderer is an object that turns a value into HTML.
@task(resources=SMALL, enable_deck=True, deck_fields=(DeckField.TIMELINE,))
def draw(data: pd.DataFrame):
    """Shows the body mass in three ways, and the time that each way takes."""
    means = data.groupby("species", as_index=False)["body_mass_g"].mean()
    with timeit("TableRenderer"):
        Deck("Table", TableRenderer().to_html(means, header_labels=["species", "mean mass, g"]))
    with timeit("BoxRenderer"):
        Deck("Box plot", BoxRenderer("body_mass_g").to_html(data))
    with timeit("ImageRenderer"):
        Deck("Image", ImageRenderer().to_html(box_plot(data)))


def box_plot(data: pd.DataFrame) -> PIL.Image.Image:
    """Draws the body mass by species with Matplotlib."""
    # Imported here: in a fresh container, Matplotlib first searches for fonts. Only this task spends that second.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    masses = [data.loc[data["species"] == species, "body_mass_g"] for species in penguins.SPECIES]
    axes.boxplot(masses, tick_labels=penguins.SPECIES)
    axes.set_ylabel("body mass, g")
    file = BytesIO()
    figure.savefig(file)
    return PIL.Image.open(file)


# Flyte writes a deck when its task ends. Deck.publish() writes the deck now. So you can watch a long task, and the
# report survives every kind of failure. A round takes milliseconds; `pause` gives you the time to watch.
@task(resources=SMALL, enable_deck=True, deck_fields=())
def train(data: pd.DataFrame, rounds: int, ending: Ending, pause: float) -> float:
    """Trains a linear model for `rounds` passes over the data, with a pause in seconds after each one.

    Returns the final accuracy on the same rows.
    """
    if rounds < 1:
        raise ValueError(f"rounds is {rounds}; training takes at least one")
    progress = Deck("Progress")
    measures, species = StandardScaler().fit_transform(data[penguins.FEATURES]), data[penguins.TARGET]
    model = SGDClassifier(loss="log_loss", random_state=42)
    for number in range(1, rounds + 1):
        if number == 3 and ending is Ending.error:
            raise RuntimeError("round 3 fails on purpose")
        if number == 3 and ending is Ending.dead:
            os._exit(1)
        model.partial_fit(measures, species, classes=penguins.SPECIES)
        accuracy = float(model.score(measures, species))
        progress.append(MarkdownRenderer().to_html(f"Round {number}: accuracy **{accuracy:.4f}**"))
        Deck.publish()
        time.sleep(pause)
    return accuracy


@workflow
def report_penguins(rounds: int = 5, ending: Ending = Ending.done, pause: float = 0.0) -> Trained:
    """Trains a classifier of penguin species; every task except the first has a deck."""
    data = keep_measured(survey=get_survey())
    profile(data=data)
    draw(data=data)
    return Trained(accuracy=train(data=data, rounds=rounds, ending=ending, pause=pause))
