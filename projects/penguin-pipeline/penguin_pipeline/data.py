"""What the tasks pass on: rows with a content hash, the names of their columns, and the penguins that are held out."""

from typing import Annotated

import numpy as np
import pandas as pd
from flytekit import HashMethod
from workshop import penguins
from workshop.hashes import hash_frame

# Equal rows are the same input of a cached task, wherever they are stored (lesson caching).
Rows = Annotated[pd.DataFrame, HashMethod(hash_frame)]

# The model predicts the sex from the measures. The other columns serve to check the rows.
TARGET, CLASSES = "sex", ("female", "male")
COLUMNS = ["penguin_id", "species", "island", *penguins.FEATURES, TARGET]


def measured(held_out: bool) -> pd.DataFrame:
    """Returns every fifth penguin whose measures and sex are known (67 rows), or the others (266 rows).

    No survey contains a penguin that is held out, so every night judges its models on the same unseen penguins.
    """
    known = penguins.load().dropna(subset=COLUMNS[1:])
    is_fifth = np.arange(len(known)) % 5 == 0
    return known.loc[is_fifth == held_out, COLUMNS[1:]].reset_index(drop=True)
