"""Which penguin is it? A first model, as Flyte tasks, a workflow and a launch plan.

Read from top to bottom: four tasks, the workflow that connects them, the schedule that runs it.
"""

from typing import NamedTuple

import pandas as pd
from flytekit import CronSchedule, LaunchPlan, task, workflow
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

# What the lessons share, in shared/workshop: the data, and sizes of tasks by name (SMALL is half a core
# and 400 MiB to start with, one core and 800 MiB at most).
from workshop import penguins
from workshop.resources import SMALL


# A task or workflow that returns several values names them with a NamedTuple.
class Split(NamedTuple):
    train: pd.DataFrame
    test: pd.DataFrame


class Trained(NamedTuple):
    model: LogisticRegression
    train_accuracy: float
    test_accuracy: float


# A task is a Python function with types. On a cluster each call runs in a container of its own, so
# the types are a contract: Flyte stores every value by its type and hands it to the next task.
@task(resources=SMALL)
def get_data() -> pd.DataFrame:
    """Returns 342 penguins: their species and four measures."""
    return penguins.load_measured()


@task(resources=SMALL)
def split_data(data: pd.DataFrame, test_size: float, random_state: int) -> Split:
    """Sets the share `test_size` of the rows aside, chosen by the seed `random_state`."""
    return Split(*train_test_split(data, test_size=test_size, random_state=random_state))


@task(resources=SMALL)
def train_model(train: pd.DataFrame, regularization: float) -> LogisticRegression:
    """Fits a logistic regression; a smaller `regularization` (C in scikit-learn) is a simpler model."""
    # tol=0.01 keeps the figures of the original tutorial: since release 1.4 scikit-learn would train on.
    model = LogisticRegression(C=regularization, max_iter=5000, tol=0.01)
    return model.fit(train[penguins.FEATURES], train[penguins.TARGET])


@task(resources=SMALL)
def evaluate(model: LogisticRegression, data: pd.DataFrame) -> float:
    """Returns the accuracy: the share of the rows whose species the model names right."""
    return float(model.score(data[penguins.FEATURES], data[penguins.TARGET]))


# A workflow connects tasks. Flyte runs its body to draw the graph: `data` is not a data frame here but a
# promise of one. A cluster works from the graph alone and runs a task as soon as its inputs are there,
# the two evaluations side by side. (The local executor runs the body once more, task by task.)
@workflow
def training_workflow(test_size: float = 0.2, random_state: int = 42, regularization: float = 0.1) -> Trained:
    """Trains a classifier of penguin species and measures it on both parts of the data."""
    data = get_data()
    split = split_data(data=data, test_size=test_size, random_state=random_state)
    model = train_model(train=split.train, regularization=regularization)
    return Trained(
        model=model,
        train_accuracy=evaluate(model=model, data=split.train),
        test_accuracy=evaluate(model=model, data=split.test),
    )


# A launch plan is a workflow with inputs of its own and, here, a schedule: every night at two, UTC, once it
# is activated on a cluster. It sets less data aside for the test, so that the model learns from more;
# the other inputs keep the workflow's defaults.
nightly_training = LaunchPlan.get_or_create(
    name="nightly_training",
    workflow=training_workflow,
    default_inputs={"test_size": 0.1},
    schedule=CronSchedule(schedule="0 2 * * *"),
)


# Tasks and workflows are still functions: call them from a test, a notebook, or this file.
if __name__ == "__main__":
    print(training_workflow())
