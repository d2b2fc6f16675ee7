"""Trains a linear model by gradient descent with momentum. One class holds the whole state of the training."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from workshop import penguins

BATCHES, RATE, MOMENTUM = 9, 0.05, 0.9


@dataclass
class State:
    """Everything that training needs to continue as if it had never stopped.

    Attributes:
        weights: the model, of shape (measures + 1, species).
        velocity: the optimiser's memory of earlier gradients, with the same shape.
        generator: draws the order of the penguins in each epoch.
        trained_by: the epoch log, with the attempt that trained each epoch.
    """

    weights: np.ndarray
    velocity: np.ndarray
    generator: np.random.Generator
    trained_by: list[int]

    @classmethod
    def fresh(cls, seed: int) -> "State":
        shape = (len(penguins.FEATURES) + 1, len(penguins.SPECIES))
        return cls(np.zeros(shape), np.zeros(shape), np.random.default_rng(seed), [])

    @property
    def next_epoch(self) -> int:
        """The epoch to train next, counted from 0."""
        return len(self.trained_by)


@dataclass(frozen=True)
class Examples:
    """Penguins: scaled `measures` with a column of ones, and `species` with one column of 0 and 1 per species."""

    measures: np.ndarray
    species: np.ndarray


def examples() -> tuple[Examples, Examples]:
    """Returns the training part and the test part: every fifth penguin. The training part defines the scale."""
    data = penguins.load_measured()
    test = np.arange(len(data)) % 5 == 0
    measures = data[penguins.FEATURES]
    train = measures[~test]
    scaled = ((measures - train.mean()) / train.std()).assign(one=1.0).to_numpy()
    species = pd.get_dummies(data[penguins.TARGET], dtype=float).to_numpy()
    return Examples(scaled[~test], species[~test]), Examples(scaled[test], species[test])


def train_epoch(state: State, data: Examples) -> None:
    """Passes once over all penguins, in a new random order."""
    for batch in np.array_split(state.generator.permutation(len(data.measures)), BATCHES):
        scores = np.exp(data.measures[batch] @ state.weights)
        error = scores / scores.sum(axis=1, keepdims=True) - data.species[batch]
        state.velocity = MOMENTUM * state.velocity - RATE * data.measures[batch].T @ error / len(batch)
        state.weights = state.weights + state.velocity


def accuracy(weights: np.ndarray, data: Examples) -> float:
    """Returns the share of penguins whose species the model predicts correctly."""
    return float(((data.measures @ weights).argmax(axis=1) == data.species.argmax(axis=1)).mean())
