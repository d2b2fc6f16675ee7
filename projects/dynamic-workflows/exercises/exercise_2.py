"""Exercise 2: the accuracies of all points are an output of the workflow, as a data frame."""

import pandas as pd
from dynamic_workflows import workflow

from runner.errors import Failure

ENTRY_POINT = "dynamic_workflows.workflow:grid_search"
OUTPUTS = workflow.grid_search.python_interface.outputs
COLUMNS = {"accuracy", "measures", "regularization"}
GRID = {"regularizations": [0.1, 1.0], "measures": [2, 4]}
# Of 69 rows of the validation part, so many are predicted right; by regularization and measures.
RIGHT = {(0.1, 2): 64, (0.1, 4): 68, (1.0, 2): 67, (1.0, 4): 68}


def test_begun():
    assert "points" in OUTPUTS, f"grid_search has no output points; its outputs are {', '.join(OUTPUTS)}"


def test_table(execute):
    try:
        points, error = execute(ENTRY_POINT, GRID)["points"], ""
    except Failure as failure:
        points, error = None, str(failure)
    assert "Promise" not in error, (
        "search fails: in its body the accuracies are promises; a task that takes the list has their values"
    )
    assert not error, error
    table = points.open(pd.DataFrame).all() if hasattr(points, "open") else points
    # A point has more hyperparameters after exercise 1.
    missing = COLUMNS - {*table.columns}
    assert not missing, f"the table lacks the columns {', '.join(sorted(missing))}; it has {', '.join(table.columns)}"
    assert len(table) == 4, f"a grid of four points gives a table of {len(table)} rows"
    found = {(row.regularization, row.measures): round(row.accuracy * 69) for row in table.itertuples()}
    wrong = [point for point, right in RIGHT.items() if found.get(point) != right]
    assert not wrong, f"the accuracies of these points (regularization, measures) are missing or wrong: {wrong}"
