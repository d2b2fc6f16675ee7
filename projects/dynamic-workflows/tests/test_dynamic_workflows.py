"""Tests the figures of the lesson and of its README."""

import pytest
from dynamic_workflows import workflow
from dynamic_workflows.workflow import Hyperparameters


def test_case(case, check):
    check(case)


def test_the_parts_share_no_penguin():
    parts = workflow.split_data(random_state=1)
    assert [len(part) for part in parts] == [204, 69, 69]
    assert len(set().union(*(part.index for part in parts))) == 342


def test_the_grid_is_every_combination_with_the_simplest_first():
    grid = workflow.make_grid(regularizations=[1.0, 0.1], measures=[4, 2])
    assert grid == [Hyperparameters(*point) for point in ((0.1, 2), (0.1, 4), (1.0, 2), (1.0, 4))]


def test_of_equal_points_the_simplest_is_picked():
    best = workflow.grid_search(regularizations=[1.0, 0.1], measures=[4])
    assert best.validation_accuracy == workflow.grid_search(regularizations=[1.0], measures=[4]).validation_accuracy
    assert best.regularization == 0.1


def test_a_model_sees_only_its_measures():
    parts = workflow.split_data(random_state=42)
    model = workflow.train_model(train=parts.train, hyperparameters=Hyperparameters(1.0, 3))
    assert list(model.feature_names_in_) == ["bill_length_mm", "bill_depth_mm", "flipper_length_mm"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("regularizations", [0.0], "'C' parameter"),
        ("measures", [0], "measures is 0; choose 1 to 4"),
        ("measures", [2, 9], "measures is 9; choose 1 to 4"),
        ("measures", [-1], "measures is -1; choose 1 to 4"),
        ("measures", [], "the grid is empty; choose at least one value"),
        ("regularizations", [], "the grid is empty; choose at least one value"),
    ],
)
def test_an_impossible_grid_is_refused(name, value, said):
    with pytest.raises(ValueError, match=said):
        workflow.grid_search(**{name: value})
