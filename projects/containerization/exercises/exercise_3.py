"""Exercise 3: the old image uses the current model, which passes as numbers."""

from dataclasses import fields, replace

import pytest
from containerization_lesson import workflow
from containerization_lesson.outcome import Outcome
from flytekit.types.file import FlyteFile

# Trains in a second.
REGULARIZATION = 0.001


@pytest.fixture
def data():
    return FlyteFile(str(workflow.get_data.task_function(random_state=42).path))


def test_begun():
    assert hasattr(workflow, "second_opinion"), "containerization_lesson/workflow.py has no second_opinion"


def test_image(recorded):
    record = recorded(workflow.compare_releases, regularization=REGULARIZATION).record
    found = [task for task in record.tasks if task.name == "second_opinion"]
    assert found, "compare_releases does not call second_opinion"
    assert found[0].status == "succeeded", f"second_opinion fails: {found[0].error}"
    assert found[0].lock == "requirements-old.txt", f"second_opinion runs with {found[0].lock}, not in the old image"
    (value,), expected = found[0].outputs.values(), record.outputs["current_test_accuracy"]
    assert value == pytest.approx(expected), (
        f"second_opinion finds an accuracy of {value}, but the current model has {expected} on the test part"
    )


def test_it_uses_the_coefficients(data):
    names = {field.name for field in fields(Outcome)}
    assert {"coefficients", "intercepts"} <= names, "Outcome needs the fields coefficients and intercepts"
    outcome = workflow.train_and_judge(data, REGULARIZATION)
    other = replace(outcome, coefficients=[*reversed(outcome.coefficients)])
    value = workflow.second_opinion.task_function(current=other, data=data)
    assert value != outcome.test_accuracy, (
        f"with other coefficients second_opinion still finds {value}: compute it from the coefficients"
    )
