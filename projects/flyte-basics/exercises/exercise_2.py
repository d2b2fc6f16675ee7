"""Exercise 2: the confusion matrix of the test part is a fourth output."""

import pandas as pd
import pytest
from flyte_basics import workflow

ENTRY_POINT = "flyte_basics.workflow:training_workflow"
OUTPUTS = workflow.training_workflow.python_interface.outputs
SPECIES = ["Adelie", "Chinstrap", "Gentoo"]
TRUE_SPECIES = [50, 19, 34]  # in the test part with test_size=0.3, where the model takes one Chinstrap for an Adelie


@pytest.fixture
def matrix(execute):
    found = execute(ENTRY_POINT, {"test_size": 0.3})["confusion"]
    return found.open(pd.DataFrame).all() if hasattr(found, "open") else found


def test_begun():
    assert "confusion" in OUTPUTS, f"the workflow has no output confusion; its outputs are {', '.join(OUTPUTS)}"


def test_rows_and_columns(matrix):
    names = [*map(str, matrix.index)], [*map(str, matrix.columns)]
    assert names == (SPECIES, SPECIES), f"index and columns of the matrix must be {SPECIES}, not {names}"


def test_counts(matrix):
    found, expected = int(matrix.to_numpy().sum()), 103
    assert found == expected, f"with test_size=0.3 the matrix counts {found} penguins, but the test part has {expected}"
    assert matrix.sum(axis="columns").tolist() == TRUE_SPECIES, (
        f"the rows of the matrix sum up to {matrix.sum(axis='columns').tolist()}, but the test part has {TRUE_SPECIES} "
        f"penguins of the species {SPECIES}: rows are the true species, columns the predicted species"
    )
    diagonal = [int(matrix.loc[name, name]) for name in SPECIES]
    assert sum(diagonal) > 95, f"on the diagonal are {diagonal}: the rows predicted right, almost all of {expected}"
