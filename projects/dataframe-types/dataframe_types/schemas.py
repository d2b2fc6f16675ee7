"""Rules for tables of penguins: columns, types, ranges, categories, keys, and rules across columns."""

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors
from workshop import penguins

from dataframe_types.one_line import one_line

# pandera's own message is several pages of JSON. A terminal or a cluster's console needs one line. The deck has
# the full report.
SchemaErrors.__str__ = one_line

ISLANDS = ("Biscoe", "Dream", "Torgersen")
HOMES = {"Adelie": ISLANDS, "Chinstrap": ("Dream",), "Gentoo": ("Biscoe",)}
# Per species: the mean ratio of bill length to bill depth in earlier surveys.
USUAL_RATIOS = {"Adelie": 2.12, "Chinstrap": 2.65, "Gentoo": 3.18}


def between(low: float, high: float) -> Any:
    """Returns a column whose values lie between the bounds, both included."""
    return pa.Field(in_range={"min_value": low, "max_value": high})


class Survey(pa.DataFrameModel):
    """Measured penguins, one per row. By default, pandera allows no nulls in any column."""

    penguin_id: int = pa.Field(unique=True)
    species: str = pa.Field(isin=penguins.SPECIES)
    island: str = pa.Field(isin=ISLANDS)
    bill_length_mm: float = between(25, 70)
    bill_depth_mm: float = between(10, 25)
    body_mass_g: float = between(2000, 8000)

    # A check across columns gets the whole table and returns True or False for every row. Unknown species pass
    # this check: the check of the column `species` reports them.
    @pa.dataframe_check
    def species_lives_on_island(cls, table: pd.DataFrame) -> pd.Series:
        pairs = zip(table["species"], table["island"], strict=True)
        return pd.Series([island in HOMES.get(species, ISLANDS) for species, island in pairs], index=table.index)


class Features(Survey):
    """A survey with a computed column. Features inherit every rule of Survey."""

    bill_ratio: float = between(1.5, 5)


class Usual(Features):
    """Features similar to those of earlier surveys. Other features may be correct, but somebody should check them."""

    @pa.dataframe_check
    def mean_ratio_of_species_as_before(cls, table: pd.DataFrame) -> pd.Series:
        means = table.groupby("species")["bill_ratio"].transform("mean")
        return (means / table["species"].map(USUAL_RATIOS) - 1).abs() < 0.05
