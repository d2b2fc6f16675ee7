"""A random search without Flyte or Ray: it draws candidates and scores each of them.

This code has its own file, so that the processes of Ray can import it without loading Flyte.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from workshop import penguins


@dataclass
class Candidate:
    """One point of the search: two hyperparameters of a support vector machine."""

    regularization: float
    gamma: float


def draw(trials: int, seed: int) -> list[Candidate]:
    """Draws random candidates, evenly over the orders of magnitude. The same seed gives the same candidates."""
    generator = np.random.default_rng(seed)
    points = 10 ** generator.uniform(low=(-2, -4), high=(3, 1), size=(trials, 2))
    return [Candidate(regularization, gamma) for regularization, gamma in points.tolist()]


def score(candidate: Candidate, data: pd.DataFrame, folds: int) -> float:
    """Returns the mean accuracy over four cross-validations. All candidates use the same folds."""
    model = make_pipeline(StandardScaler(), SVC(C=candidate.regularization, gamma=candidate.gamma))
    splits = RepeatedStratifiedKFold(n_splits=folds, n_repeats=4, random_state=0)
    return float(cross_val_score(model, data[penguins.FEATURES], data[penguins.TARGET], cv=splits).mean())
