"""A grid search in which trials fail on purpose, in every way that a cluster distinguishes.

Read from top to bottom: the tasks, the handler, the workflow. service.py is a service outside of the search, which
may be down.
"""

import os
import time
from datetime import timedelta
from typing import NamedTuple

import pandas as pd
from flytekit import dynamic, task, workflow
from flytekit.exceptions.user import FlyteRecoverableException
from flytekit.types.error import FlyteError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from workshop import penguins
from workshop.resources import SMALL

from recovering_executions.service import Service


class Parts(NamedTuple):
    train: pd.DataFrame
    validation: pd.DataFrame


class Best(NamedTuple):
    regularization: float
    validation_accuracy: float


@task(resources=SMALL)
def split_data() -> Parts:
    """Splits the penguins into two parts: 80 % for training, 20 % for validation."""
    return Parts(*train_test_split(penguins.load_measured(), test_size=0.2, random_state=42))


# Flyte retries after a recoverable error, a timeout or a lost machine. Every other error ends the task at once.
@task(retries=2, timeout=timedelta(seconds=60), resources=SMALL)
def run_trial(
    train: pd.DataFrame,
    validation: pd.DataFrame,
    number: int,
    regularization: float,
    failures: int,
    hangs: bool,
    service: str,
) -> float:
    """Returns the accuracy on the validation part.

    The first `failures` attempts fail. If `hangs` is true, the first attempt does nothing and never ends.
    """
    attempt = int(os.environ.get("FLYTE_ATTEMPT_NUMBER", "0"))
    while hangs and attempt == 0:
        time.sleep(1)
    Service(service).begin(number)
    if attempt < failures:
        raise FlyteRecoverableException(f"the connection broke, as it should in attempt {attempt + 1}")
    # If C is not positive, scikit-learn raises a ValueError. The error is fatal: a retry would not help.
    model = make_pipeline(StandardScaler(), LogisticRegression(C=regularization))
    columns = penguins.FEATURES[:2]
    model.fit(train[columns], train[penguins.TARGET])
    accuracy = float(model.score(validation[columns], validation[penguins.TARGET]))
    Service(service).end(number)
    return accuracy


@dynamic(resources=SMALL)
def run_trials(
    train: pd.DataFrame,
    validation: pd.DataFrame,
    regularizations: list[float],
    failures: list[int],
    hanging: list[int],
    service: str,
) -> list[float]:
    """Returns the accuracy of one trial for each regularization; each trial is a separate node."""
    return [
        run_trial(
            train=train,
            validation=validation,
            number=number,
            regularization=regularization,
            failures=failures[number] if number < len(failures) else 0,
            hangs=number in hanging,
            service=service,
        )
        for number, regularization in enumerate(regularizations)
    ]


@task(resources=SMALL)
def pick_best(regularizations: list[float], accuracies: list[float]) -> Best:
    """Returns the regularization with the highest accuracy; of several, the first one."""
    accuracy = max(accuracies)
    return Best(regularization=regularizations[accuracies.index(accuracy)], validation_accuracy=accuracy)


# The handler gets the inputs of the workflow and, if it declares the input `err`, the error.
@task(resources=SMALL)
def clean_up(
    regularizations: list[float],
    failures: list[int],
    hanging: list[int],
    service: str,
    err: FlyteError | None = None,
) -> list[int]:
    """Ends the unfinished trials at the service, and returns their numbers.

    The handler removes only what a recovered trial creates again, because successful tasks do not run again.
    """
    unfinished = Service(service).unfinished()
    for trial in unfinished:
        Service(service).end(trial)
    print(f"ended {unfinished} after: {err.message if err else 'no error'}")
    return unfinished


@workflow(on_failure=clean_up)
def search(
    regularizations: list[float] = [0.01, 0.1, 1.0, 10.0],
    failures: list[int] = [0, 2, 0, 1],
    hanging: list[int] = [],
    service: str = "",
) -> Best:
    """Validates one model for each regularization; `failures` and `hanging` define which attempts fail."""
    parts = split_data()
    accuracies = run_trials(
        train=parts.train,
        validation=parts.validation,
        regularizations=regularizations,
        failures=failures,
        hanging=hanging,
        service=service,
    )
    best = pick_best(regularizations=regularizations, accuracies=accuracies)
    return Best(best.regularization, best.validation_accuracy)


if __name__ == "__main__":
    print(search(failures=[]))
