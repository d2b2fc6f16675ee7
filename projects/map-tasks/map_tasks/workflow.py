"""A search as a map task, which calls one task for every element of a list.

Read from top to bottom: a trial as a data class, the task that runs one trial, and the workflow that maps this task.
"""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import pandas as pd
from flytekit import StructuredDataset, map_task, task, workflow
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from workshop import penguins
from workshop.resources import SMALL


# A structured dataset is a reference to a stored table. Every trial holds two references, and Flyte stores each
# table once. Each call of the mapped task (a member) loads the tables when it runs.
@dataclass
class Trial:
    """One point of the search, with the data for training and validation."""

    train: StructuredDataset
    validation: StructuredDataset
    regularization: float


class Parts(NamedTuple):
    train: pd.DataFrame
    validation: pd.DataFrame


class Best(NamedTuple):
    regularization: float
    validation_accuracy: float
    failed: int


@task(resources=SMALL)
def split_data(random_state: int) -> Parts:
    """Splits the penguins: 80 % for training, 20 % for validation."""
    return Parts(*train_test_split(penguins.load_measured(), test_size=0.2, random_state=random_state))


@task(resources=SMALL)
def make_trials(train: StructuredDataset, validation: StructuredDataset, regularizations: list[float]) -> list[Trial]:
    """Returns one trial for each regularization."""
    return [Trial(train=train, validation=validation, regularization=value) for value in regularizations]


@task(resources=SMALL)
def run_trial(trial: Trial, measures: int) -> float:
    """Trains on the first `measures` measures, and returns the accuracy on the validation part."""
    if not 1 <= measures <= len(penguins.FEATURES):
        raise ValueError(f"measures is {measures}; choose 1 to {len(penguins.FEATURES)}")
    train, validation = (part.open(pd.DataFrame).all() for part in (trial.train, trial.validation))
    columns = penguins.FEATURES[:measures]
    # scikit-learn rejects a C that is not positive, so a trial with C=0.0 always fails.
    model = make_pipeline(StandardScaler(), LogisticRegression(C=trial.regularization))
    model.fit(train[columns], train[penguins.TARGET])
    return float(model.score(validation[columns], validation[penguins.TARGET]))


@task(resources=SMALL)
def pick_best(regularizations: list[float], accuracies: list[float | None]) -> Best:
    """Returns the point with the highest accuracy. The accuracy of a failed member is None."""
    if not regularizations:
        raise ValueError("regularizations is empty; choose at least one")
    points = zip(accuracies, regularizations, strict=True)
    done = [point for point in points if point[0] is not None]
    accuracy, regularization = max(done, key=lambda point: point[0])
    return Best(regularization=regularization, validation_accuracy=accuracy, failed=len(accuracies) - len(done))


# `partial` binds the inputs that are the same for every member. At most two members run at the same time.
# The map task succeeds if at least three quarters of its members succeed.
@workflow
def mapped_search(
    regularizations: list[float] = [0.0, 0.01, 0.1, 1.0, 10.0], measures: int = 2, random_state: int = 42
) -> Best:
    """Validates one model for each regularization, and returns the best of the successful trials."""
    parts = split_data(random_state=random_state)
    trials = make_trials(train=parts.train, validation=parts.validation, regularizations=regularizations)
    search = map_task(partial(run_trial, measures=measures), concurrency=2, min_success_ratio=0.75)
    best = pick_best(regularizations=regularizations, accuracies=search(trial=trials))
    return Best(best.regularization, best.validation_accuracy, best.failed)


if __name__ == "__main__":
    print(mapped_search())
