"""The survey arrives: a folder with a CSV file for each island, as a ship might bring it.

This module stands for the world outside. It draws the penguins of a night by a seed, and spoils them on purpose.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from flytekit import current_context, task
from flytekit.types.directory import FlyteDirectory
from workshop import penguins

from penguin_pipeline.data import measured
from penguin_pipeline.events import Survey
from penguin_pipeline.sizes import LIGHT

PENGUINS = 300


# Not cached: what arrives is not determined by the inputs of a task. Only its content decides what runs again.
@task(resources=LIGHT)
def arrive(survey: Survey, seed: int) -> FlyteDirectory:
    """Returns the folder with the files of one night."""
    folder = Path(current_context().working_directory, "survey")
    folder.mkdir()
    for island, rows in spoiled(drawn(seed), survey).groupby("island"):
        if survey is Survey.incomplete and island == "Biscoe":
            rows = rows.drop(columns="bill_length_mm")
        rows.to_csv(folder / f"{island}.csv", index=False)
    return FlyteDirectory(str(folder))


def drawn(seed: int) -> pd.DataFrame:
    """Returns 300 penguins, drawn from those that are not held out, with an error of 2 % in each measure."""
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed is {seed}; choose 0 to {2**32 - 1}")
    random = np.random.default_rng(seed)
    rows = measured(held_out=False).sample(n=PENGUINS, replace=True, random_state=random, ignore_index=True)
    errors = random.normal(1, 0.02, (PENGUINS, len(penguins.FEATURES)))
    rows[penguins.FEATURES] = (rows[penguins.FEATURES] * errors).round(1)
    rows.insert(0, "penguin_id", [f"{seed}-{number}" for number in range(PENGUINS)])
    return rows


def spoiled(rows: pd.DataFrame, survey: Survey) -> pd.DataFrame:
    """Returns the rows with the defects of the survey, the same every time."""
    if survey is Survey.mislabelled:
        swapped = rows["sex"].map({"female": "male", "male": "female"})
        return rows.assign(sex=rows["sex"].mask(rows["island"] == "Dream", swapped))
    if survey is not Survey.broken:
        return rows
    rows = rows.astype({"body_mass_g": object})
    rows.loc[0:2, "body_mass_g"] /= 1000  # in kilograms
    rows.loc[3:5, "body_mass_g"] = "heavy"
    rows.loc[6:8, "bill_depth_mm"] = None
    rows.loc[9:11, "species"] = "Emperor"
    gentoos = rows.index[rows["species"] == "Gentoo"]
    rows.loc[gentoos[gentoos > 11][:3], "island"] = "Dream"  # where no Gentoo lives
    return pd.concat([rows, rows.tail(3)])  # three penguins twice: six rows, of which nobody knows the right ones
