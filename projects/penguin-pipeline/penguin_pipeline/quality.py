"""Bad rows are put into quarantine, each with its reasons. Too many of them end the night."""

from typing import NamedTuple

import pandas as pd
import pandera.pandas as pa
from flytekit import Cache, Deck, task
from pandera.errors import SchemaErrors
from workshop import penguins

from penguin_pipeline.data import CLASSES, Rows
from penguin_pipeline.sizes import MEDIUM, QUALITY

ISLANDS = ("Biscoe", "Dream", "Torgersen")
HOMES = {"Adelie": ISLANDS, "Chinstrap": ("Dream",), "Gentoo": ("Biscoe",)}

# A few bad rows are usual. More than this share means that the files themselves are wrong.
MOST_BAD = 0.1


class Measured(pa.DataFrameModel):
    """What a good row is. A null is bad in every column."""

    penguin_id: str = pa.Field(unique=True)
    species: str = pa.Field(isin=penguins.SPECIES)
    island: str = pa.Field(isin=ISLANDS)
    bill_length_mm: float = pa.Field(in_range={"min_value": 25, "max_value": 70})
    bill_depth_mm: float = pa.Field(in_range={"min_value": 10, "max_value": 25})
    flipper_length_mm: float = pa.Field(in_range={"min_value": 150, "max_value": 250})
    body_mass_g: float = pa.Field(in_range={"min_value": 2000, "max_value": 8000})
    sex: str = pa.Field(isin=CLASSES)

    @pa.dataframe_check
    def species_lives_on_island(cls, table: pd.DataFrame) -> pd.Series:
        pairs = zip(table["species"], table["island"], strict=True)
        return pd.Series([island in HOMES.get(species, ISLANDS) for species, island in pairs], index=table.index)


class Checked(NamedTuple):
    good: Rows
    quarantine: pd.DataFrame
    quarantined: int


@task(container_image=QUALITY, resources=MEDIUM, cache=Cache(version="1"), enable_deck=True, deck_fields=())
def check_rows(raw: Rows) -> Checked:
    """Separates the good rows, with their measures as numbers, from the bad rows, which remain text."""
    # What is not a number becomes null, and so a bad row.
    table = raw.assign(**{name: pd.to_numeric(raw[name], errors="coerce").astype(float) for name in penguins.FEATURES})
    reasons = reasons_by_row(table)
    quarantine = raw.join(reasons, how="inner")
    Deck("Quarantine", f"{len(quarantine)} of {len(raw)} rows are bad.{quarantine.to_html(index=False)}")
    if len(quarantine) > MOST_BAD * len(raw):
        raise ValueError(
            f"{len(quarantine)} of {len(raw)} rows are bad, at most {MOST_BAD:.0%} may be; "
            f"most often: {reasons.mode()[0]}; the deck of check_rows has them all"
        )
    good = table.drop(index=quarantine.index).reset_index(drop=True)
    return Checked(good=good, quarantine=quarantine, quarantined=len(quarantine))


def reasons_by_row(table: pd.DataFrame) -> pd.Series:
    """Returns the violated rules of each bad row, joined by semicolons, by the row's index."""
    try:
        Measured.validate(table, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        cases["reason"] = cases["check"].where(
            cases["schema_context"] != "Column", cases["column"] + " " + cases["check"]
        )
        found = cases.drop_duplicates(["index", "reason"]).groupby("index")["reason"]
        return found.agg("; ".join).rename("reason")
    return pd.Series(dtype=str, name="reason")
