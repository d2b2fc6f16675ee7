"""Tests the training: checkpoints, the file of the model, and that light tasks need no heavy package."""

import contextlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from flytekit import FlyteContextManager
from flytekit.core.checkpointer import SyncCheckpoint
from penguin_pipeline import arrival, judging, training
from penguin_pipeline.events import DieAt
from penguin_pipeline.network import State, examples, export

PROJECT = Path(__file__).parents[1]
ROWS, RATE, SEED = arrival.drawn(1), 0.1, 3


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


def train(folder: Path, number: int, epochs: int) -> tuple[bytes, list[int]]:
    """Returns the model and the epochs by attempt, after an attempt that trains up to an epoch."""
    with attempt(folder, number), pytest.MonkeyPatch.context() as patched:
        patched.setenv("FLYTE_ATTEMPT_NUMBER", str(number))
        trained = training.train.task_function(rows=ROWS, rate=RATE, n_epochs=epochs, seed=SEED, die_at=DieAt.nowhere)
        return Path(trained.model).read_bytes(), trained.epochs_by_attempt


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    """The model of an uninterrupted training."""
    return train(tmp_path_factory.mktemp("whole"), 0, 50)[0]


@pytest.mark.parametrize(
    ("rate", "n_epochs", "said"),
    [
        (RATE, 0, "n_epochs is 0; choose 1 or more"),
        (RATE, -1, "n_epochs is -1; choose 1 or more"),
        (0.0, 1, "the learning rate is 0.0; choose a positive number"),
        (-0.3, 1, "the learning rate is -0.3; choose a positive number"),
        (float("nan"), 1, "the learning rate is nan; choose a positive number"),
    ],
)
def test_a_trial_that_cannot_learn_is_refused(rate, n_epochs, said):
    with pytest.raises(ValueError, match=f"^{said}$"):
        training.run_trial.task_function(rate=rate, rows=ROWS, n_epochs=n_epochs, seed=SEED)


def test_two_attempts_give_the_bytes_of_one(tmp_path, whole):
    train(tmp_path, 0, 30)  # the checkpoint is of epoch 20
    assert train(tmp_path, 1, 50) == (whole, [20, 30])


def test_a_third_attempt_continues_although_the_second_trained_nothing(tmp_path, whole):
    train(tmp_path, 0, 30)
    train(tmp_path, 1, 20)
    assert train(tmp_path, 2, 50) == (whole, [20, 0, 30])


@pytest.mark.parametrize("damage", [lambda content: content[:1000], lambda _: b"something else", lambda _: b""])
def test_a_damaged_checkpoint_is_reported_and_the_training_starts_over(damage, tmp_path, whole, capsys):
    train(tmp_path, 0, 30)
    (file,) = (tmp_path / "0").iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert train(tmp_path, 1, 50) == (whole, [0, 50])
    assert bool(file.read_bytes()) == (
        "the checkpoint is damaged, so the training starts over" in capsys.readouterr().out
    )


def test_after_an_attempt_without_a_checkpoint_the_training_starts_over(tmp_path, whole):
    assert train(tmp_path, 1, 50) == (whole, [0, 50])


def test_numpy_computes_what_the_network_computes(tmp_path):
    data, state = examples(ROWS), State.fresh(RATE, SEED)
    for _ in range(20):
        state.train_epoch(data, 0)
    export(state, data, tmp_path / "model.npz")
    found = judging.probabilities((tmp_path / "model.npz").read_bytes(), ROWS)
    with torch.inference_mode():
        expected = torch.softmax(state.network(data.measures), dim=1).numpy()
    assert found == pytest.approx(expected, abs=1e-12)


def test_a_model_with_code_in_it_is_refused(tmp_path):
    np.savez(tmp_path / "model.npz", mean=np.array([print], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        judging.probabilities((tmp_path / "model.npz").read_bytes(), ROWS)


HEAVY = {"pandera", "sqlalchemy", "torch"}


@pytest.mark.parametrize(
    ("modules", "needs"),
    [
        (("arrival", "judging", "card", "deciding"), set()),
        (("loading", "quality"), {"pandera", "sqlalchemy"}),
        (("training",), {"torch"}),
    ],
    ids=["light", "quality", "training"],
)
def test_the_tasks_of_an_image_import_only_what_it_has(modules, needs):
    imports = ", ".join(f"penguin_pipeline.{module}" for module in modules)
    code = f"import sys, {imports}; print(*sorted(sys.modules.keys() & {HEAVY}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert {*done.stdout.split()} == needs
