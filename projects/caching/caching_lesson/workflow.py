"""A model on many penguins, in which no task computes the same thing twice.

Read from top to bottom: what makes two data frames the same, what makes two versions of a task the same, four
tasks that are cached, the workflow.
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

# The key of a cached result: the task's name, its cache version, its inputs. Of an input that is stored (a data
# frame, a file, a model) the key holds the place, unless its type brings a hash: then it holds the hash, and equal
# data is the same input wherever it is stored. A task that returns Measurements hashes them as it stores them.
Measurements = Annotated[pd.DataFrame, HashMethod(hash_frame)]


class Scored(NamedTuple):
    accuracy: float


# A cache version is yours to change when the task's code changes: Flyte does not look at the code. A policy
# makes it for you; this one from the source text of the task's function, but not of what that calls.
class SourceText:
    def get_version(self, salt: str, parameters: VersionParameters) -> str:
        return salt + inspect.getsource(parameters.func)


# May be cached, since its inputs decide all: with the same seed the same penguins come out.
@task(resources=SMALL, cache=Cache(version="1"))
def survey(rows: int, seed: int) -> Measurements:
    """Returns `rows` penguins drawn from those that were measured, each measure with an error of 5 %."""
    random = np.random.default_rng(seed)
    data = penguins.load_measured().sample(n=rows, replace=True, random_state=random, ignore_index=True)
    data[penguins.FEATURES] *= random.normal(1, 0.05, (rows, len(penguins.FEATURES)))
    return data


@task(resources=SMALL, cache=Cache(version="1"))
def cap(data: Measurements, heaviest_g: float) -> Measurements:
    """Returns the data with every mass above `heaviest_g` grams, which must be a mistake, put down to that."""
    return data.assign(body_mass_g=data["body_mass_g"].clip(upper=heaviest_g))


# How many workers train the trees changes how long it takes, not what comes out: no part of the key. (The model
# would keep the number, so it is taken out.) Of two executions that want the same model at the same time a cluster
# lets one train it and the other wait for it.
@task(resources=SMALL, cache=Cache(version="1", ignored_inputs=("workers",), serialize=True))
def train(data: Measurements, workers: int) -> RandomForestClassifier:
    """Fits thirty trees."""
    model = RandomForestClassifier(n_estimators=30, max_depth=8, random_state=0, n_jobs=workers)
    return model.fit(data[penguins.FEATURES], data[penguins.TARGET]).set_params(n_jobs=None)


# The salt goes into the version too: change it, and every result so far is out of date.
@task(resources=SMALL, cache=Cache(policies=SourceText(), salt="1"))
def evaluate(model: RandomForestClassifier, data: Measurements) -> float:
    """Returns the accuracy: the share of the rows whose species the model names right."""
    return float(model.score(data[penguins.FEATURES], data[penguins.TARGET]))


@workflow
def cached_training(rows: int = 20_000, seed: int = 1, heaviest_g: float = 7000.0, workers: int = 1) -> Scored:
    """Trains a classifier of species on one survey and returns its accuracy on another.

    Both surveys draw from the same 342 penguins, so this is not the accuracy on unseen ones.
    """
    data = cap(data=survey(rows=rows, seed=seed), heaviest_g=heaviest_g)
    model = train(data=data, workers=workers)
    return Scored(accuracy=evaluate(model=model, data=survey(rows=rows, seed=0)))


if __name__ == "__main__":
    print(cached_training())
