"""The network: how it is trained for one epoch, and how its checkpoints are written and read."""

import io
import pickle
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from flytekit import current_context
from flytekit.exceptions.user import FlyteDataNotFoundException
from torch import nn
from torch.nn.functional import cross_entropy
from workshop import penguins

from penguin_pipeline.data import CLASSES, TARGET

HIDDEN = 8

# A task requests half a core, and a limit of one: more threads would only wait for each other.
torch.set_num_threads(1)


class Damaged(Exception):
    """The content of a checkpoint is not what an attempt wrote."""


@dataclass
class Examples:
    """Scaled measures of shape (penguins, 4), the number of each penguin's sex, and the scale: mean and deviation."""

    measures: torch.Tensor
    classes: torch.Tensor
    scale: tuple[np.ndarray, np.ndarray]


def examples(rows: pd.DataFrame, scale: tuple[np.ndarray, np.ndarray] | None = None) -> Examples:
    """Returns rows as tensors. Without a scale of other rows, the rows define it."""
    measures = rows[penguins.FEATURES].to_numpy()
    mean, deviation = scale or (measures.mean(axis=0), measures.std(axis=0))
    scaled = torch.tensor((measures - mean) / deviation)
    classes = pd.Categorical(rows[TARGET], categories=CLASSES).codes
    return Examples(scaled, torch.tensor(classes, dtype=torch.long), (mean, deviation))


@dataclass
class State:
    """Everything that the training needs to continue as if it had never stopped.

    Attributes:
        trained_by: the epoch log, with the attempt that trained each epoch.
    """

    network: nn.Module
    optimizer: torch.optim.Optimizer
    trained_by: list[int] = field(default_factory=list)

    @classmethod
    def fresh(cls, rate: float, seed: int) -> "State":
        torch.manual_seed(seed)
        layers = nn.Linear(len(penguins.FEATURES), HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, len(CLASSES))
        network = nn.Sequential(*layers).double()
        return cls(network, torch.optim.SGD(network.parameters(), lr=rate, momentum=0.9))

    def train_epoch(self, data: Examples, attempt: int) -> float:
        """Passes once over all penguins, as one batch; returns the loss before it."""
        self.optimizer.zero_grad()
        loss = cross_entropy(self.network(data.measures), data.classes)
        loss.backward()
        self.optimizer.step()
        self.trained_by.append(attempt)
        return loss.item()

    def save(self) -> None:
        """Writes the checkpoint of this attempt."""
        buffer, parts = io.BytesIO(), {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save({**parts, "trained_by": self.trained_by}, buffer)
        current_context().checkpoint.write(buffer.getvalue())

    def restore(self) -> None:
        """Continues from the checkpoint of the previous attempt, if there is a good one."""
        try:
            content = current_context().checkpoint.read()
        except FlyteDataNotFoundException:
            return  # the previous attempt died before it wrote one
        if not content:
            return
        try:
            stored = unpacked(content)
        except Damaged as problem:
            # The lesson checkpointing keeps the checkpoint before, too.
            print(f"the checkpoint is damaged, so the training starts over: {problem}", flush=True)
            return
        self.network.load_state_dict(stored["network"])
        self.optimizer.load_state_dict(stored["optimizer"])
        self.trained_by = stored["trained_by"]


def unpacked(content: bytes) -> dict[str, Any]:
    """Returns what a checkpoint holds. Raises Damaged if it is not whole."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise Damaged(f"its {len(content)} bytes are no file of PyTorch")
    try:
        # weights_only: PyTorch reads numbers and never runs code.
        return torch.load(io.BytesIO(content), weights_only=True)
    except (RuntimeError, pickle.UnpicklingError) as problem:
        raise Damaged(str(problem).splitlines()[0]) from None


def export(state: State, data: Examples, file: Path) -> None:
    """Writes the model as arrays: a file without code, and whoever reads it needs no PyTorch."""
    names = ("hidden_weights", "hidden_bias", "output_weights", "output_bias")
    weights = dict(zip(names, (weight.numpy() for weight in state.network.state_dict().values()), strict=True))
    np.savez(file, mean=data.scale[0], deviation=data.scale[1], **weights)
