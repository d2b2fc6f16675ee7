"""Trains a model on many penguins; no task computes the same result twice.

Read from top to bottom: when two data frames are the same input, when two versions of a task are the same, four
cached tasks, the workflow.
"""

import inspect
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd
from flytekit import Cache, HashMethod, task, workflow
from flytekit.core.cache import VersionParameters
from sklearn.ensemble import RandomForestClassifier
from workshop import penguins
from workshop.hashes import hash_frame
from workshop.resources import SMALL

# The key of a cached result consists of the task's name, its cache version and its inputs. Flyte stores some inputs
# as files (data frames, files, models). For these, the key contains the storage location. If the type has a hash, the
# key contains the hash instead, so equal data is the same input wherever it is stored. When a task returns
# Measurements, Flyte hashes them as it stores them.
Measurements = Annotated[pd.DataFrame, HashMethod(hash_frame)]


class Scored(NamedTuple):
    accuracy: float


# Flyte does not look at the code: you change the cache version when the task's code changes, or a policy computes
# the version. This policy uses the source text of the task's function, but not of the functions that it calls.
class SourceText:
    def get_version(self, salt: str, parameters: VersionParameters) -> str:
        return salt + inspect.getsource(parameters.func)


# This task may be cached, because its inputs determine its result: the same seed gives the same penguins.
@task(resources=SMALL, cache=Cache(version="1"))
def survey(rows: int, seed: int) -> Measurements:
    """Returns `rows` penguins, drawn from the measured ones, with an error of 5 % in each measure."""
    random = np.random.default_rng(seed)
    data = penguins.load_measured().sample(n=rows, replace=True, random_state=random, ignore_index=True)
    data[penguins.FEATURES] *= random.normal(1, 0.05, (rows, len(penguins.FEATURES)))
    return data


@task(resources=SMALL, cache=Cache(version="1"))
def cap(data: Measurements, heaviest_g: float) -> Measurements:
    """Returns the data with every mass above `heaviest_g` grams, which must be a mistake, set to `heaviest_g`."""
    return data.assign(body_mass_g=data["body_mass_g"].clip(upper=heaviest_g))


# The number of workers changes the duration, not the result, so it is not part of the key. (The model would store
# the number, so the task removes it.) If two executions need the same model at the same time, a cluster lets one
# execution train the model, and the second execution waits.
@task(resources=SMALL, cache=Cache(version="1", ignored_inputs=("workers",), serialize=True))
def train(data: Measurements, workers: int) -> RandomForestClassifier:
    """Trains a forest of thirty trees."""
    model = RandomForestClassifier(n_estimators=30, max_depth=8, random_state=0, n_jobs=workers)
    return model.fit(data[penguins.FEATURES], data[penguins.TARGET]).set_params(n_jobs=None)


# The salt is part of the version. If you change the salt, all earlier results become invalid.
@task(resources=SMALL, cache=Cache(policies=SourceText(), salt="1"))
def evaluate(model: RandomForestClassifier, data: Measurements) -> float:
    """Returns the accuracy: the share of rows whose species the model predicts correctly."""
    return float(model.score(data[penguins.FEATURES], data[penguins.TARGET]))


@workflow
def cached_training(rows: int = 20_000, seed: int = 1, heaviest_g: float = 7000.0, workers: int = 1) -> Scored:
    """Trains a classifier of species on one survey and returns its accuracy on another.

    Both surveys draw from the same 342 penguins, so this is not the accuracy on unseen penguins.
    """
    data = cap(data=survey(rows=rows, seed=seed), heaviest_g=heaviest_g)
    model = train(data=data, workers=workers)
    return Scored(accuracy=evaluate(model=model, data=survey(rows=rows, seed=0)))


if __name__ == "__main__":
    print(cached_training())
