"""Exercise 4: `aggregate` returns a Spark data frame, and `summarize` reads it as a pandas data frame."""

import pandas as pd
import pytest
from pyspark.sql import DataFrame
from spark_lesson import workflow

RETURNED = workflow.aggregate.python_interface.outputs["o0"]
SPECIES = ["Adelie", "Chinstrap", "Gentoo"]


@pytest.fixture(scope="module")
def summary():
    return workflow.penguin_features(rows=1000, seed=1)


def test_begun():
    assert RETURNED is not pd.DataFrame, "aggregate returns a pandas data frame"


def test_types():
    assert RETURNED is DataFrame, f"aggregate must return pyspark.sql.DataFrame, not {RETURNED}"
    taken = workflow.summarize.python_interface.inputs["by_species"]
    assert taken is pd.DataFrame, f"summarize must take a pandas data frame, not {taken}"


def test_they_fit(findings):
    assert findings[-1].endswith("all types fit"), f"make typecheck reports: {findings[0]}"


def test_the_figures_stay(summary):
    found = round(summary.mean_mass_g, 3)
    assert (summary.rows, found) == (1000, 4200.2), (
        f"with --rows 1000 --seed 1 come {summary.rows} rows of mean {found}"
    )
    species = summary.by_species["species"].tolist()
    assert species == SPECIES, f"the rows are in the order {', '.join(species)}, not {', '.join(SPECIES)}"
