"""Exercise 3: the best weights survive an attempt that dies."""

import contextlib
from pathlib import Path

import pytest
from checkpointing_lesson import workflow
from flytekit import FlyteContextManager
from flytekit.core.checkpointer import SyncCheckpoint

EPOCHS = 12


@contextlib.contextmanager
def attempt(folder: Path, number: int):
    """Simulates an attempt of a task, with the checkpoints that Flyte gives to the attempt."""
    context = FlyteContextManager.current_context()
    parameters = context.user_space_params.builder()
    before = str(folder / str(number - 1)) if number else None
    parameters.checkpoint = SyncCheckpoint(checkpoint_dest=str(folder / str(number)), checkpoint_src=before)
    state = context.execution_state.with_params(user_space_params=parameters.build())
    with FlyteContextManager.with_context(context.with_execution_state(state)):
        yield


@pytest.fixture
def train(tmp_path):
    """Trains in one attempt, or in two; returns the bytes of the last weights and of the best ones."""

    def train(*epochs: int) -> tuple[bytes, bytes]:
        folder = tmp_path / "-".join(map(str, epochs))
        for number, upto in enumerate(epochs):
            with attempt(folder, number):
                trained = workflow.train.task_function(n_epochs=upto, seed=42, die_at=[])
                found = Path(trained.weights).read_bytes(), Path(trained.best).read_bytes()
        return found

    return train


def test_begun():
    outputs = workflow.train.python_interface.outputs
    assert "best" in outputs, f"the task train has no output best; its outputs are {', '.join(outputs)}"


def test_which_weights(train):
    every = [train(epochs) for epochs in range(1, EPOCHS + 1)]
    last, best = [weights for weights, _ in every], [weights for _, weights in every]
    assert best[0] == last[0], "after one epoch, best must be the weights of that epoch"
    # With every fifth example set aside, only the epochs 1, 3 and 6 are better than all before.
    chosen = [last.index(weights) + 1 if weights in last else 0 for weights in best]
    assert 0 not in chosen, f"after {chosen.index(0) + 1} epochs, best is not the weights after any of the epochs"
    expected = [1, 1, 3, 3, 3, 6, 6, 6, 6, 6, 6, 6]
    assert chosen == expected, (
        f"after 1 to {EPOCHS} epochs, best is the weights after the epochs {chosen}, not {expected};\n"
        "set aside the examples 0, 5, 10 and so on of the training part, and keep the first of equally good weights"
    )


def test_they_survive(train):
    _, expected = train(EPOCHS)
    for epochs in range(1, EPOCHS):
        _, found = train(epochs, EPOCHS)
        assert found == expected, (
            f"an attempt that goes on after {epochs} epochs returns other best weights than one that trains all: "
            "what decides which weights are best is missing in the checkpoint"
        )
