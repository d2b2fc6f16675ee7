"""A grid search: a dynamic workflow builds its graph at run time.

Read from top to bottom: the tasks, the dynamic workflow that calls them for each point of the grid, and the
workflow that calls the dynamic workflow.
"""

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import pandas as pd
from flytekit import dynamic, task, workflow
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from workshop import penguins
from workshop.resources import SMALL


@dataclass
class Hyperparameters:
    """One point of the grid: C of the logistic regression, and how many of the four measures the model uses."""

    regularization: float
    measures: int


class Parts(NamedTuple):
    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame


class Best(NamedTuple):
    model: Pipeline
    hyperparameters: Hyperparameters
    validation_accuracy: float


class Searched(NamedTuple):
    regularization: float
    measures: int
    validation_accuracy: float
    test_accuracy: float


@task(resources=SMALL)
def split_data(random_state: int) -> Parts:
    """Splits the penguins: 60 % to train models, 20 % to choose one, 20 % to measure the chosen one."""
    rest, test = train_test_split(penguins.load_measured(), test_size=0.2, random_state=random_state)
    train, validation = train_test_split(rest, test_size=0.25, random_state=random_state)
    return Parts(train=train, validation=validation, test=test)


@task(resources=SMALL)
def make_grid(regularizations: list[float], measures: list[int]) -> list[Hyperparameters]:
    """Returns every combination of the hyperparameters, the simplest models first."""
    if not regularizations or not measures:
        raise ValueError("the grid is empty; choose at least one value of each hyperparameter")
    if wrong := [number for number in measures if not 1 <= number <= len(penguins.FEATURES)]:
        raise ValueError(f"measures is {wrong[0]}; choose 1 to {len(penguins.FEATURES)}")
    return [Hyperparameters(*point) for point in product(sorted(regularizations), sorted(measures))]


@task(resources=SMALL)
def train_model(train: pd.DataFrame, hyperparameters: Hyperparameters) -> Pipeline:
    """Fits the model of one point of the grid."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=hyperparameters.regularization))
    return model.fit(train[penguins.FEATURES[: hyperparameters.measures]], train[penguins.TARGET])


@task(resources=SMALL)
def evaluate(model: Pipeline, data: pd.DataFrame) -> float:
    """Returns the accuracy: the share of the rows whose species the model predicts correctly."""
    return float(model.score(data[model.feature_names_in_], data[penguins.TARGET]))


@task(resources=SMALL)
def pick_best(grid: list[Hyperparameters], models: list[Pipeline], accuracies: list[float]) -> Best:
    """Returns the point with the highest accuracy. Of equal points, it returns the first, which is the simplest."""
    best = accuracies.index(max(accuracies))
    return Best(model=models[best], hyperparameters=grid[best], validation_accuracy=accuracies[best])


# The body of a workflow works with promises. It cannot loop over `grid`, because the length is not known yet.
# A dynamic workflow is a task, and its body runs when its inputs are available. In its body, `grid` is a real
# list. The calls of tasks return promises again; they build a graph, and Flyte runs this graph next.
@dynamic(resources=SMALL)
def search(train: pd.DataFrame, validation: pd.DataFrame, grid: list[Hyperparameters]) -> Best:
    """Trains and validates one model for each point of the grid, and returns the best model."""
    models = [train_model(train=train, hyperparameters=point) for point in grid]
    accuracies = [evaluate(model=model, data=validation) for model in models]
    best = pick_best(grid=grid, models=models, accuracies=accuracies)
    return best.model, best.hyperparameters, best.validation_accuracy


@workflow
def grid_search(
    regularizations: list[float] = [0.01, 0.1, 1.0],
    measures: list[int] = [2, 4],
    random_state: int = 42,
) -> Searched:
    """Chooses a model on the validation part, and measures the chosen model on the test part."""
    parts = split_data(random_state=random_state)
    grid = make_grid(regularizations=regularizations, measures=measures)
    best = search(train=parts.train, validation=parts.validation, grid=grid)
    return Searched(
        regularization=best.hyperparameters.regularization,
        measures=best.hyperparameters.measures,
        validation_accuracy=best.validation_accuracy,
        test_accuracy=evaluate(model=best.model, data=parts.test),
    )


if __name__ == "__main__":
    print(grid_search())
