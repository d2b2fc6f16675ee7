"""A random search without Flyte or Ray: what to try, and how good it is.

A file of its own, since the processes of Ray import it: they need not load Flyte for it.
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
    """Draws candidates at random, evenly over the orders of magnitude; the same seed gives the same ones."""
    generator = np.random.default_rng(seed)
    points = 10 ** generator.uniform(low=(-2, -4), high=(3, 1), size=(trials, 2))
    return [Candidate(regularization, gamma) for regularization, gamma in points.tolist()]


def score(candidate: Candidate, data: pd.DataFrame, folds: int) -> float:
    """Returns the mean accuracy over four cross-validations, whose folds are the same for every candidate."""
    model = make_pipeline(StandardScaler(), SVC(C=candidate.regularization, gamma=candidate.gamma))
    splits = RepeatedStratifiedKFold(n_splits=folds, n_repeats=4, random_state=0)
    return float(cross_val_score(model, data[penguins.FEATURES], data[penguins.TARGET], cv=splits).mean())
