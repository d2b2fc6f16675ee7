"""Exercise 1: the workflow has an input max_iter, which reaches the model."""

import pytest
from flyte_basics import workflow

INPUTS = workflow.training_workflow.python_interface.inputs_with_defaults
ENTRY_POINT = "flyte_basics.workflow:training_workflow"


def test_begun():
    assert "max_iter" in INPUTS, "the workflow has no input max_iter"


def test_default():
    kind, default = INPUTS["max_iter"]
    assert (kind, default) == (int, 5000), f"max_iter must be an int with the default 5000, not {kind} with {default}"


def test_it_is_passed_to_a_task():
    promises = [binding.binding.promise for node in workflow.training_workflow.nodes for binding in node.bindings]
    # Promises of the workflow's own inputs have no node.
    used = [promise.var for promise in promises if promise and not promise.node_id]
    assert "max_iter" in used, "no call in the workflow uses max_iter: pass the input on to train_model"


@pytest.mark.filterwarnings("ignore")
def test_it_reaches_the_model(execute):
    outputs = execute(ENTRY_POINT, {"max_iter": 10})
    found = outputs["model"].max_iter
    missing = "in train_model, pass the input on to LogisticRegression"
    assert found == 10, f"with max_iter=10 the model still has max_iter={found}: {missing}"


def test_the_default_changes_nothing(execute):
    accuracy = execute(ENTRY_POINT, {})["train_accuracy"]
    assert accuracy == pytest.approx(0.989010989010989), (
        f"without the input the training accuracy must stay, not {accuracy}"
    )
