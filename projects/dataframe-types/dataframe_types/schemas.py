"""What tables of penguins must look like: columns, types, ranges, categories, keys, and what columns say together."""

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors
from workshop import penguins

from dataframe_types.one_line import one_line

# pandera's own message is pages of JSON. A terminal or a cluster's console needs one line of it; the deck has
# the full report.
SchemaErrors.__str__ = one_line

ISLANDS = ("Biscoe", "Dream", "Torgersen")
HOMES = {"Adelie": ISLANDS, "Chinstrap": ("Dream",), "Gentoo": ("Biscoe",)}
# The mean length of a bill divided by its depth, by species, in the surveys so far.
USUAL_RATIOS = {"Adelie": 2.12, "Chinstrap": 2.65, "Gentoo": 3.18}


def between(low: float, high: float) -> Any:
    """A column whose values lie within the bounds, both included."""
    return pa.Field(in_range={"min_value": low, "max_value": high})


class Survey(pa.DataFrameModel):
    """Measured penguins, one a row. No column may have nulls: that is pandera's default."""

    penguin_id: int = pa.Field(unique=True)
    species: str = pa.Field(isin=penguins.SPECIES)
    island: str = pa.Field(isin=ISLANDS)
    bill_length_mm: float = between(25, 70)
    bill_depth_mm: float = between(10, 25)
    body_mass_g: float = between(2000, 8000)

    # A check across columns sees the whole table and says of every row whether it is right. Unknown species
    # pass here: the check of their own column reports them.
    @pa.dataframe_check
    def species_lives_on_island(cls, table: pd.DataFrame) -> pd.Series:
        pairs = zip(table["species"], table["island"], strict=True)
        return pd.Series([island in HOMES.get(species, ISLANDS) for species, island in pairs], index=table.index)


class Features(Survey):
    """A survey and what is computed from it. It inherits every rule of a survey."""

    bill_ratio: float = between(1.5, 5)


class Usual(Features):
    """Features like those of the surveys so far. Others may be right, but somebody should look at them."""

    @pa.dataframe_check
    def mean_ratio_of_species_as_before(cls, table: pd.DataFrame) -> pd.Series:
        means = table.groupby("species")["bill_ratio"].transform("mean")
        return (means / table["species"].map(USUAL_RATIOS) - 1).abs() < 0.05
