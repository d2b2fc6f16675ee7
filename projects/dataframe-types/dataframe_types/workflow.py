"""Schemas as types of inputs and outputs: Flyte stops bad data at the border of a task.

Read from top to bottom: a task that returns any table, a task with two guarded borders, a task that only warns.
"""

from typing import Annotated, NamedTuple

import pandas as pd
from flytekit import task, workflow
from flytekitplugins.pandera import ValidationConfig
from pandera.typing import DataFrame
from workshop import penguins
from workshop.resources import SMALL

from dataframe_types.defects import Border, Defect, spoil
from dataframe_types.schemas import Features, Survey, Usual


class Bills(NamedTuple):
    penguins: int
    slenderest: str
    bill_ratio: float


# The plain type pd.DataFrame promises nothing. This task stands for an outside source, which may send anything.
@task(resources=SMALL)
def read_survey(defect: Defect, border: Border) -> pd.DataFrame:
    """Returns the 342 measured penguins, each with a unique number."""
    measured = penguins.load().dropna(subset=penguins.FEATURES)
    columns = ["species", "island", "bill_length_mm", "bill_depth_mm", "body_mass_g"]
    survey = measured[columns].rename_axis("penguin_id").reset_index()
    return spoil(survey, defect) if border is Border.input else survey


# Two borders. Before the body runs, Flyte checks that the input is a valid Survey. After the body has run, Flyte
# checks that the output is valid Features; otherwise no later task gets the table. The deck has a report for each
# border, even if the task fails. enable_deck=True is required; deck_fields=[] omits the tabs that Flyte would add.
@task(resources=SMALL, enable_deck=True, deck_fields=[])
def add_features(survey: DataFrame[Survey], defect: Defect, border: Border) -> DataFrame[Features]:
    """Adds a column: bill length divided by bill depth."""
    features = survey.assign(bill_ratio=survey["bill_length_mm"] / survey["bill_depth_mm"])
    # Simulates a bug of this task.
    return spoil(features, defect) if border is Border.output else features


# At this border, invalid data causes a warning and passes: unusual data may be correct.
@task(resources=SMALL, enable_deck=True, deck_fields=[])
def compare_bills(features: Annotated[DataFrame[Usual], ValidationConfig(on_error="warn")]) -> Bills:
    """Returns the number of penguins, and the species with the most slender bills."""
    ratios = features.groupby("species")["bill_ratio"].mean()
    return Bills(penguins=len(features), slenderest=str(ratios.idxmax()), bill_ratio=float(ratios.max()))


@workflow
def guarded_survey(defect: Defect = Defect.none, border: Border = Border.input) -> Bills:
    """Compares the bills of penguins; `defect` spoils the table at one border of add_features."""
    survey = read_survey(defect=defect, border=border)
    features = add_features(survey=survey, defect=defect, border=border)
    bills = compare_bills(features=features)
    return Bills(bills.penguins, bills.slenderest, bills.bill_ratio)
