"""Exercise 1: the loss of every epoch is an output of `train` and of the workflow."""

import pytest
import torch
from pytorch_lesson import workflow

ENTRY_POINT = "pytorch_lesson.workflow:train_and_judge"
OUTPUTS = workflow.train_and_judge.python_interface.outputs


@pytest.fixture(scope="module")
def kept() -> dict:
    return {}


@pytest.fixture
def outputs(execute, kept):
    """The outputs after 20 epochs: one run for all tests."""
    if not kept:
        kept |= execute(ENTRY_POINT, {"n_epochs": 20})
    return kept


def test_begun():
    assert "losses" in OUTPUTS, f"the workflow has no output losses; its outputs are {', '.join(OUTPUTS)}"


def test_type():
    found = OUTPUTS["losses"]
    assert found is torch.Tensor, f"the output losses must be a torch.Tensor, not {found}"


def test_a_loss_for_each_epoch(outputs):
    shape = tuple(outputs["losses"].shape)
    assert shape == (20,), f"with n_epochs=20 the losses have the shape {shape}, not (20,): keep the loss of each epoch"


def test_the_losses_are_those_of_the_training(outputs):
    first, last = float(outputs["losses"][0]), float(outputs["losses"][-1])
    assert 0 < last < first, f"the first loss is {first:.3f}, the last one {last:.3f}: it must fall"


def test_only_numbers_are_stored(outputs):
    missing = "the losses still belong to the graph of the gradients (requires_grad is True): detach each loss"
    assert not outputs["losses"].requires_grad, missing


def test_the_training_is_the_same(outputs):
    found = outputs["accuracy"]
    assert found == pytest.approx(0.913, abs=0.02), f"with n_epochs=20 the accuracy must stay 0.913, not {found:.3f}"
