"""A first model that classifies penguins, written as Flyte tasks, a workflow and a launch plan.

Read from top to bottom: four tasks, the workflow that connects them, and the launch plan that schedules it.
"""

from typing import NamedTuple

import pandas as pd
from flytekit import CronSchedule, LaunchPlan, task, workflow
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

# The lessons share shared/workshop: the data, and named task sizes. SMALL requests half a core and 400 MiB; its
# limit is one core and 800 MiB.
from workshop import penguins
from workshop.resources import SMALL


# If a task or a workflow returns several values, a NamedTuple names them.
class Split(NamedTuple):
    train: pd.DataFrame
    test: pd.DataFrame


class Trained(NamedTuple):
    model: LogisticRegression
    train_accuracy: float
    test_accuracy: float


# A task is a Python function with type annotations. On a cluster, each call runs in its own container.
# The types are therefore a contract: Flyte stores every value by its type and passes it to the next task.
@task(resources=SMALL)
def get_data() -> pd.DataFrame:
    """Returns 342 penguins, each with its species and four measures."""
    return penguins.load_measured()


@task(resources=SMALL)
def split_data(data: pd.DataFrame, test_size: float, random_state: int) -> Split:
    """Splits the rows: `test_size` is the share of the test part, and the seed `random_state` selects its rows."""
    return Split(*train_test_split(data, test_size=test_size, random_state=random_state))


@task(resources=SMALL)
def train_model(train: pd.DataFrame, regularization: float) -> LogisticRegression:
    """Fits a logistic regression. A smaller `regularization` (C in scikit-learn) gives a simpler model."""
    # tol=0.01 keeps the figures of the original tutorial. By default, scikit-learn 1.4 and later train longer.
    model = LogisticRegression(C=regularization, max_iter=5000, tol=0.01)
    return model.fit(train[penguins.FEATURES], train[penguins.TARGET])


@task(resources=SMALL)
def evaluate(model: LogisticRegression, data: pd.DataFrame) -> float:
    """Returns the accuracy: the share of the rows whose species the model predicts correctly."""
    return float(model.score(data[penguins.FEATURES], data[penguins.TARGET]))


# A workflow connects tasks. Flyte runs its body to build the graph. In the body, `data` is not a data frame but
# a promise of one. A cluster uses only the graph, and runs each task as soon as its inputs are available.
# It therefore runs the two evaluations in parallel.
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


# A launch plan is a workflow with its own inputs and, here, a schedule. After you activate this one on a cluster,
# it runs every night at 02:00 UTC. Its test part is smaller, so that the model learns from more data.
# The other inputs keep the workflow's defaults.
nightly_training = LaunchPlan.get_or_create(
    name="nightly_training",
    workflow=training_workflow,
    default_inputs={"test_size": 0.1},
    schedule=CronSchedule(schedule="0 2 * * *"),
)


# Tasks and workflows remain functions: you can call them from a test, a notebook or this file.
if __name__ == "__main__":
    print(training_workflow())
