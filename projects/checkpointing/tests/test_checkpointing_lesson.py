"""Tests the figures of the lesson and of its README, and everything that can happen to a checkpoint."""

import contextlib
import io
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from checkpointing_lesson import workflow
from checkpointing_lesson.checkpoints import DIGEST_BYTES, Damaged, Saver, packed, restore, unpacked
from checkpointing_lesson.training import State, examples, train_epoch
from flytekit import FlyteContextManager, current_context
from flytekit.core.checkpointer import SyncCheckpoint
from flytekit.exceptions.user import FlyteDataNotFoundException, FlyteRecoverableException

KILLS = Path(__file__).parents[3] / "benchmarks" / "checkpoint_kills.py"
EPOCHS = 10


def test_case(case, check):
    check(case)


def test_a_model_trained_by_three_attempts_has_the_bytes_of_one_trained_by_one(execute):
    entry_point = "checkpointing_lesson.workflow:train_and_judge"
    runs = [execute(entry_point, {"n_epochs": 6, "die_at": die_at}) for die_at in ([], [1, 4])]
    assert runs[0]["model_sha256"] == runs[1]["model_sha256"]
    assert [run["trained_by"] for run in runs] == [[0] * 6, [0, 1, 1, 1, 2, 2]]


def test_runs_killed_at_random_moments_end_with_the_same_bytes():
    subprocess.run([sys.executable, KILLS, "--runs", "2", "--epochs", "200"], check=True)


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


def train(folder: Path, number: int, upto: int = EPOCHS) -> bytes:
    """Returns the model after an attempt of the lesson's task that trains up to epoch `upto`."""
    with attempt(folder, number):
        trained = workflow.train.task_function(n_epochs=upto, seed=42, die_at=[])
        return Path(trained.weights).read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    """The model of an uninterrupted training."""
    return train(tmp_path_factory.mktemp("whole"), 0)


def trained(epochs: int) -> State:
    """The state in the checkpoint of an attempt of the lesson's task that trained some epochs."""
    with tempfile.TemporaryDirectory() as folder:
        train(Path(folder), 0, upto=epochs)
        with attempt(Path(folder), 1):
            return restore()


def test_a_checkpoint_holds_the_whole_state():
    state = trained(3)
    again = unpacked(packed(state))
    data = examples()[0]
    for one in (state, again):
        train_epoch(one, data)
    assert again.next_epoch == 3
    assert again.weights.tobytes() == state.weights.tobytes()
    assert again.velocity.tobytes() == state.velocity.tobytes()
    assert again.generator.bit_generator.state == state.generator.bit_generator.state


def forget_the_optimiser(state: State) -> None:
    state.velocity = np.zeros_like(state.velocity)


def forget_the_random_state(state: State) -> None:
    state.generator = np.random.default_rng(42)


def forget_an_epoch_that_was_trained(state: State) -> None:
    state.trained_by.pop()


def skip_an_epoch(state: State) -> None:
    state.trained_by.append(0)


@pytest.mark.parametrize(
    "mistake", [forget_the_optimiser, forget_the_random_state, forget_an_epoch_that_was_trained, skip_an_epoch]
)
def test_equal_bytes_prove_that_nothing_was_forgotten_trained_twice_or_skipped(mistake, tmp_path, whole):
    state = trained(4)
    with attempt(tmp_path, 0):
        Saver()(state)
    assert train(tmp_path, 1) == whole
    mistake(state)
    shutil.rmtree(tmp_path / "0")
    with attempt(tmp_path, 0):
        Saver()(state)
    assert train(tmp_path, 1) != whole


def test_a_missing_or_a_changed_byte_anywhere_is_noticed():
    data = packed(trained(3))
    for length in range(len(data)):
        with pytest.raises(Damaged, match=f"its {length} bytes"):
            unpacked(data[:length])
    for place in range(len(data)):
        with pytest.raises(Damaged):
            unpacked(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


def test_when_the_newest_checkpoint_is_damaged_the_one_before_it_is_used(tmp_path, whole, capsys):
    train(tmp_path, 0, upto=4)
    cut(tmp_path / "0" / "checkpoint-0")
    assert train(tmp_path, 1) == whole
    lines = capsys.readouterr().out.splitlines()
    assert lines[4:6] == [
        "checkpoint-0 of the attempt before is damaged, it is not used: the checksum does not fit its 100 bytes",
        "epoch 3 is trained and kept",
    ]


def test_when_every_checkpoint_is_damaged_training_starts_over(tmp_path, whole, capsys):
    train(tmp_path, 0, upto=4)
    for file in (tmp_path / "0").iterdir():
        cut(file)
    assert train(tmp_path, 1) == whole
    lines = capsys.readouterr().out.splitlines()
    assert [" is damaged, it is not used: " in line for line in lines[4:6]] == [True, True]
    assert lines[6] == "epoch 0 is trained and kept"


@pytest.fixture
def interrupted(monkeypatch):
    """Interrupts the uploads in its context: each upload leaves half a file and raises a recoverable error."""

    def half(source: str, target: str) -> None:
        Path(target).write_bytes(Path(source).read_bytes()[:500])
        raise OSError("the network is gone")

    @contextlib.contextmanager
    def interrupted():
        with monkeypatch.context() as patched, pytest.raises(FlyteRecoverableException, match="the network is gone"):
            patched.setattr(shutil, "copyfile", half)
            yield

    return interrupted


@pytest.mark.parametrize("interval", [1, 2, 3])
def test_an_upload_that_is_interrupted_leaves_the_checkpoint_before_it(tmp_path, whole, interrupted, interval):
    with attempt(tmp_path, 0):
        save = Saver()
        for epochs in range(0, 3 * interval, interval):
            save(trained(epochs))
        for _ in range(2):
            with interrupted():
                save(trained(3 * interval))
    with attempt(tmp_path, 1):
        assert restore().next_epoch == 2 * interval
    assert train(tmp_path, 1) == whole


def test_when_the_first_upload_of_an_attempt_is_interrupted_training_starts_over(tmp_path, whole, interrupted, capsys):
    train(tmp_path, 0, upto=4)
    with attempt(tmp_path, 1):
        state = restore()
        with interrupted():
            Saver()(state)
    capsys.readouterr()
    assert train(tmp_path, 2) == whole
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("checkpoint-0 of the attempt before is damaged, it is not used: ")
    assert lines[1] == "epoch 0 is trained and kept"


def test_after_an_attempt_that_wrote_no_checkpoint_training_starts_over(tmp_path, whole, capsys):
    train(tmp_path, 0, upto=4)
    # Attempt 1 dies before its first line. Attempt 2 gets the folder of attempt 1, which is missing, and Flyte raises.
    with attempt(tmp_path, 2), pytest.raises(FlyteDataNotFoundException):
        current_context().checkpoint.restore()
    capsys.readouterr()
    assert train(tmp_path, 2) == whole
    assert capsys.readouterr().out.startswith("epoch 0 is trained and kept")


def test_what_an_attempt_restored_it_hands_on_before_it_trains(tmp_path, whole, capsys):
    train(tmp_path, 0, upto=4)
    train(tmp_path, 1, upto=4)
    capsys.readouterr()
    assert train(tmp_path, 2) == whole
    assert capsys.readouterr().out.startswith("epoch 4 is trained and kept")


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        ({"generator": np.array([State], dtype=object)}, "it holds something else: .*allow_pickle=False"),
        ({"weights": np.zeros(3)}, "it holds something else: .*generator"),
    ],
    ids=["code", "another layout"],
)
def test_what_is_no_checkpoint_is_not_used_whatever_its_checksum(arrays, problem, tmp_path, whole, capsys):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    content = buffer.getvalue()
    assert len(sha256(content).digest()) == DIGEST_BYTES
    with pytest.raises(Damaged, match=problem):
        unpacked(sha256(content).digest() + content)

    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "checkpoint-0").write_bytes(sha256(content).digest() + content)
    assert train(tmp_path, 1) == whole
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("checkpoint-0 of the attempt before is damaged, it is not used: ")
    assert lines[1] == "epoch 0 is trained and kept"
