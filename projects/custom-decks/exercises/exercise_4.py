"""Exercise 4: an audit that compares the hashes of a card with a model and data."""

import joblib
import pytest
from custom_decks import workflow
from workshop.hashes import hash_frame


@pytest.fixture
def data():
    return workflow.get_data.task_function()


@pytest.fixture
def model(data):
    return workflow.train.task_function(data=data, classifier=workflow.LOGISTIC)


@pytest.fixture
def refusal(data, model):
    """Returns what audit says about a model and data; an empty text if it agrees."""
    card = workflow.write_card.task_function(model=model, data=data, scores={"accuracy": 0.5}, seed=1, folds=5)

    def refusal(**others):
        try:
            workflow.audit.task_function(**{"card": card, "model": model, "data": data, **others})
        except ValueError as error:
            return str(error) or "ValueError"
        return ""

    return refusal


def test_begun():
    assert hasattr(workflow, "audit"), "custom_decks/workflow.py has no audit"


def test_it_is_a_task():
    interface = getattr(workflow.audit, "python_interface", None)
    assert interface, "audit is a function, not a task"
    assert {*interface.inputs} == {"card", "model", "data"}, (
        f"its inputs must be card, model and data, not {', '.join(interface.inputs)}"
    )


def test_what_fits_passes(refusal):
    found = refusal()
    assert not found, f"the model and the data of the card do not pass: {found}"


def test_other_data_fail(refusal, data):
    found = refusal(data=data.iloc[1:])
    assert found, "data with one row less pass the audit"
    for name, digest in (("card", hash_frame(data)), ("data", hash_frame(data.iloc[1:]))):
        assert digest in found, f"the message lacks the hash of the {name}, {digest[:12]}…: {found}"


def test_another_model_fails(refusal, data, model):
    other = workflow.train.task_function(data=data, classifier=workflow.BAYES)
    found = refusal(model=other)
    assert found, "another model passes the audit"
    for name, digest in (("card", joblib.hash(model)), ("model", joblib.hash(other))):
        assert digest in found, f"the message lacks the hash of the {name}, {digest[:12]}…: {found}"


def test_the_workflow_calls_it(recorded):
    record = recorded(workflow.audited_training, folds=2).record
    found = [task for task in record.tasks if task.name == "audit"]
    assert found, "audited_training does not call audit"
    assert found[0].status == "succeeded", f"audit fails in the workflow: {found[0].error}"
