"""Tables with a schema as types of tasks: bad data stops at the border that it tries to cross.

Read from top to bottom: a task that gives any table, one whose borders are guarded, one that only warns.
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


# A plain data frame as type promises nothing: this is the world outside, with whatever it sends.
@task(resources=SMALL)
def read_survey(defect: Defect, border: Border) -> pd.DataFrame:
    """Returns the 342 measured penguins, each with a number of its own."""
    measured = penguins.load().dropna(subset=penguins.FEATURES)
    columns = ["species", "island", "bill_length_mm", "bill_depth_mm", "body_mass_g"]
    survey = measured[columns].rename_axis("penguin_id").reset_index()
    return spoil(survey, defect) if border is Border.input else survey


# Two borders. Before the body runs, the table that comes in must be a Survey; after it has run, what it
# returns must be Features, or no later task gets to see it. The deck has a report of each border, also when
# the task fails; it must be enabled, and deck_fields=[] leaves out the tabs that Flyte would add.
@task(resources=SMALL, enable_deck=True, deck_fields=[])
def add_features(survey: DataFrame[Survey], defect: Defect, border: Border) -> DataFrame[Features]:
    """Adds the bill's length divided by its depth."""
    features = survey.assign(bill_ratio=survey["bill_length_mm"] / survey["bill_depth_mm"])
    # As if this task had a bug.
    return spoil(features, defect) if border is Border.output else features


# This border warns and lets pass: what is unusual need not be wrong.
@task(resources=SMALL, enable_deck=True, deck_fields=[])
def compare_bills(features: Annotated[DataFrame[Usual], ValidationConfig(on_error="warn")]) -> Bills:
    """Returns how many penguins there are, and the species with the most slender bills."""
    ratios = features.groupby("species")["bill_ratio"].mean()
    return Bills(penguins=len(features), slenderest=str(ratios.idxmax()), bill_ratio=float(ratios.max()))


@workflow
def guarded_survey(defect: Defect = Defect.none, border: Border = Border.input) -> Bills:
    """Compares the bills of penguins; `defect` spoils the table before one border of add_features."""
    survey = read_survey(defect=defect, border=border)
    features = add_features(survey=survey, defect=defect, border=border)
    bills = compare_bills(features=features)
    return Bills(bills.penguins, bills.slenderest, bills.bill_ratio)
