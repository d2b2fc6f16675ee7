"""Exercise 3: the graph has no points below at_least, and the search reports a point that it trained."""

import pytest
from dynamic_workflows import workflow

INPUTS = workflow.grid_search.python_interface.inputs_with_defaults
GRID = {"regularizations": [0.01, 0.1], "measures": [2, 4]}


@pytest.fixture
def searched(recorded):
    """Returns how many models a search trains, and its outputs."""

    def searched(at_least: float) -> tuple[int, dict]:
        record = recorded(workflow.grid_search, **GRID, at_least=at_least).record
        assert not record.error, f"the search with at_least {at_least} fails: {record.error}"
        return sum(task.name == "train_model" for task in record.tasks), record.outputs

    return searched


def test_begun():
    assert "at_least" in INPUTS, f"grid_search has no input at_least; its inputs are {', '.join(INPUTS)}"


def test_default():
    kind, default = INPUTS["at_least"]
    assert kind is float, f"at_least must be a float, not {kind}"
    assert default is not None and default <= 0.01, f"with its default {default} at_least must keep every point"


def test_only_points_with_a_model_count(searched):
    count, outputs = searched(0.05)
    assert count == 2, f"with at_least 0.05 the grid has 2 points, but search trains {count} models"
    found = outputs["regularization"]
    assert found == 0.1, (
        f"the search reports regularization {found}, which it did not train: pick_best gets lists that do not match"
    )
    assert outputs["measures"] == 4, f"the best of the two points has 4 measures, not {outputs['measures']}"


def test_a_lower_bound_keeps_all(searched):
    count, _ = searched(0.01)
    assert count == 4, f"at_least 0.01 keeps all 4 points of the grid, but search trains {count} models"
