"""The tasks that train: many short trials to choose the learning rate, and one long training that survives its death.

Only this module and network.py import PyTorch, so only their image contains it.
"""

import os
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import torch
from flytekit import Cache, current_context, task
from flytekit.types.file import FlyteFile
from torch.nn.functional import cross_entropy

from penguin_pipeline.card import Origin, origin
from penguin_pipeline.data import Rows
from penguin_pipeline.events import DieAt
from penguin_pipeline.network import State, examples, export
from penguin_pipeline.sizes import HEAVY, TRAINING

SAVE_EVERY = 20  # epochs
KILLED = 137  # the exit status of a process that SIGKILL ended


class Trained(NamedTuple):
    model: FlyteFile
    epochs_by_attempt: list[int]
    origin: Origin


# A member of the map task: each rate is cached on its own, so a longer list of rates runs the new ones only.
@task(container_image=TRAINING, resources=HEAVY, cache=Cache(version="1"))
def run_trial(rate: float, rows: Rows, n_epochs: int, seed: int) -> float:
    """Trains on three quarters of the rows, and returns the loss on the last quarter.

    Surveys are drawn with replacement, so both parts may have copies of one penguin. The loss serves to
    compare rates, and does not measure unseen penguins.
    """
    if n_epochs < 1:
        raise ValueError(f"n_epochs is {n_epochs}; choose 1 or more")
    if not rate > 0:
        raise ValueError(f"the learning rate is {rate}; choose a positive number")
    split = len(rows) * 3 // 4
    shuffled = rows.sample(frac=1, random_state=seed)
    data = examples(shuffled[:split])
    state = State.fresh(rate, seed)
    losses = [state.train_epoch(data, attempt=0) for _ in range(n_epochs)]
    if not losses[-1] <= losses[0]:  # the last one may be NaN
        raise ValueError(f"the learning rate {rate} is too large: the loss rose from {losses[0]:.2} to {losses[-1]:.2}")
    validation = examples(shuffled[split:], data.scale)
    with torch.inference_mode():
        return cross_entropy(state.network(validation.measures), validation.classes).item()


@task(container_image=TRAINING, resources=HEAVY, cache=Cache(version="1"))
def train(rows: Rows, rate: float, n_epochs: int, seed: int, die_at: DieAt) -> Trained:
    """Trains on all rows for `n_epochs` epochs in total, over any number of attempts."""
    attempt = int(os.environ.get("FLYTE_ATTEMPT_NUMBER", "0"))
    data, state = examples(rows), State.fresh(rate, seed)
    state.restore()
    # At once, because the next attempt can read only the checkpoint of this one.
    state.save()
    for epoch in range(len(state.trained_by), n_epochs):
        if die_at is DieAt.training and attempt == 0 and epoch == n_epochs // 2:
            os._exit(KILLED)
        state.train_epoch(data, attempt)
        if (epoch + 1) % SAVE_EVERY == 0:
            state.save()
    file = Path(current_context().working_directory, "model.npz")
    export(state, data, file)
    epochs = Counter(state.trained_by)
    return Trained(FlyteFile(str(file)), [epochs[number] for number in range(attempt + 1)], origin())
