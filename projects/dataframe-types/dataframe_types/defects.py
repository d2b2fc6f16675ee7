"""Injects defects into tables, on purpose and the same way every time."""

from enum import Enum
from functools import reduce

import pandas as pd


class Defect(Enum):
    """A kind of bad data; `several` combines five kinds."""

    none = "none"
    missing_column = "missing_column"
    wrong_type = "wrong_type"
    out_of_range = "out_of_range"
    unknown_species = "unknown_species"
    nulls = "nulls"
    duplicate_keys = "duplicate_keys"
    wrong_island = "wrong_island"
    several = "several"
    unusual = "unusual"


class Border(Enum):
    """The border of the task `add_features` where a table has a defect: its input or its output."""

    input = "input"
    output = "output"


FIVE = (Defect.missing_column, Defect.out_of_range, Defect.nulls, Defect.wrong_island, Defect.duplicate_keys)


def spoil(table: pd.DataFrame, defect: Defect) -> pd.DataFrame:
    """Returns the table with the defect. Defects of single rows go into the last three rows, which are Chinstraps."""
    table, last = table.copy(), table.index[-3:]
    match defect:
        case Defect.missing_column:
            return table.drop(columns="bill_length_mm")
        case Defect.wrong_type:
            return table.assign(body_mass_g=table["body_mass_g"].map("{:.0f} g".format))
        case Defect.out_of_range:
            table.loc[last, "body_mass_g"] //= 1000  # as if somebody had entered whole kilograms
        case Defect.unknown_species:
            table.loc[last, "species"] = "Emperor"
        case Defect.nulls:
            table.loc[last, "bill_depth_mm"] = None
        case Defect.duplicate_keys:
            return pd.concat([table, table.tail(3)], ignore_index=True)
        case Defect.wrong_island:
            table.loc[last, "island"] = "Biscoe"  # valid for a Gentoo
        case Defect.several:
            return reduce(spoil, FIVE, table)
        case Defect.unusual if "bill_ratio" in table:
            table["bill_ratio"] *= 1.1
        case Defect.unusual:
            table["bill_depth_mm"] /= 1.1  # as if callipers were worn; within every range
    return table
