"""Training that continues after its task dies.

Read from top to bottom: how the lesson makes a task die, the task that trains, the workflow. training.py contains
the model. checkpoints.py defines a checkpoint, and writes and reads it.
"""

import os
import time
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
from flytekit import current_context, task, workflow
from flytekit.types.file import FlyteFile
from workshop.resources import SMALL

from checkpointing_lesson.checkpoints import Saver, restore
from checkpointing_lesson.training import State, accuracy, examples, train_epoch

# 128 + 9: the exit status of a process that SIGKILL ended.
KILLED = 137


class Trained(NamedTuple):
    weights: FlyteFile
    trained_by: list[int]


class Judged(NamedTuple):
    test_accuracy: float
    trained_by: list[int]
    model_sha256: str


def attempt_number() -> int:
    """Returns the attempt of the task, from 0. The local executor runs a task once, and does not set the variable."""
    return int(os.environ.get("FLYTE_ATTEMPT_NUMBER", "0"))


def maybe_die(epoch: int, die_at: list[int]) -> None:
    """Ends the task before the epoch that `die_at` has for this attempt: at once and without clean-up, like SIGKILL.

    SIGKILL itself does not work: in a container, the task is process 1, which cannot send SIGKILL to itself.
    """
    attempt = attempt_number()
    if attempt < len(die_at) and die_at[attempt] == epoch:
        os._exit(KILLED)


# `retries` is for recoverable errors, such as a failed upload. Flyte counts deaths separately ("system retries").
@task(retries=3, resources=SMALL)
def train(n_epochs: int, seed: int, die_at: list[int], pause: float = 0.0) -> Trained:
    """Trains for `n_epochs` epochs in total, over any number of attempts.

    Each epoch takes `pause` seconds longer, as an epoch of a large model would.
    """
    data, _ = examples()
    save = Saver()
    state = restore() or State.fresh(seed)
    # Save the state first: the next attempt can read only the checkpoints of this attempt, not those of earlier ones.
    save(state)
    for epoch in range(state.next_epoch, n_epochs):
        maybe_die(epoch, die_at)
        time.sleep(pause)
        train_epoch(state, data)
        state.trained_by.append(attempt_number())
        save(state)
        print(f"epoch {epoch} is trained and kept", flush=True)
    file = Path(current_context().working_directory, "weights.npy")
    np.save(file, state.weights)
    return Trained(weights=FlyteFile(str(file)), trained_by=state.trained_by)


@task(resources=SMALL)
def judge(weights: FlyteFile, trained_by: list[int]) -> Judged:
    """Returns the accuracy on the test part, and the hash of the model's file."""
    file = Path(weights)
    _, test = examples()
    return Judged(
        test_accuracy=accuracy(np.load(file), test),
        trained_by=trained_by,
        model_sha256=sha256(file.read_bytes()).hexdigest(),
    )


@workflow
def train_and_judge(n_epochs: int = 10, seed: int = 42, die_at: list[int] = [3, 7], pause: float = 0.0) -> Judged:
    """Trains a model; attempt k of the task dies before epoch die_at[k]."""
    trained = train(n_epochs=n_epochs, seed=seed, die_at=die_at, pause=pause)
    judged = judge(weights=trained.weights, trained_by=trained.trained_by)
    return Judged(judged.test_accuracy, judged.trained_by, judged.model_sha256)


if __name__ == "__main__":
    print(train_and_judge(die_at=[]))
