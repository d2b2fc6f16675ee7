"""Exercise 1: the threshold at which the logistic regression makes both kinds of mistakes equally often."""

import numpy as np
import pytest
from custom_decks import workflow
from custom_decks.threshold import STEPS, outcomes


@pytest.fixture
def threshold(answer):
    try:
        found = float(str(answer["threshold"]).replace(",", "."))
    except ValueError:
        found = -1
    assert 0 <= found <= 1, f"the threshold must be a number from 0 to 1, not {answer['threshold']!r}"
    return found


def test_begun(answer):
    assert answer["threshold"] != "", "exercises/answers.toml has no threshold for exercise_1"


def test_both_mistakes_are_equal(threshold):
    data = workflow.get_data.task_function()
    model = workflow.train.task_function(data=data, classifier=workflow.LOGISTIC)
    predictions = workflow.judge.task_function(model=model, data=data, seed=1, folds=5).predictions
    steps = np.floor(predictions["probability"] * STEPS).astype(int)
    counts = outcomes(predictions["male"].to_numpy(), steps.to_numpy())[round(threshold * STEPS)]
    assert counts[1] == counts[2], (
        f"at {threshold:.2f} the logistic regression takes {counts[1]} females for males, "
        f"and {counts[2]} males for females"
    )
