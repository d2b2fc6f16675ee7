"""Three tasks grow a random forest side by side; another task estimates how far to trust its accuracy.

Read from top to bottom: the source of all random numbers, the tasks, the workflow that grows a forest, and two
workflows that evaluate it: one with a fixed memory request, one with a request that depends on the inputs.
"""

from functools import partial
from hashlib import sha256
from typing import NamedTuple

import numpy as np
import pandas as pd
from flytekit import Resources, dynamic, map_task, task, workflow
from sklearn.ensemble import RandomForestClassifier
from workshop import penguins
from workshop.resources import SMALL

# The purposes for which tasks draw random numbers.
SPLIT, GROW, JUDGE = range(3)


def generator(seed: int, *stream: int) -> np.random.Generator:
    """Returns the random numbers of one task: the same for the same arguments, independent of any other stream.

    `generator(seed, GROW, 2)` has the numbers of `SeedSequence(seed).spawn(3)[GROW].spawn(3)[2]`, but needs no
    task that spawns and distributes the streams. With `seed + part`, runs with seeds 42 and 43 would share streams.

    Raises:
        ValueError: the seed is negative.
    """
    if seed < 0:
        raise ValueError(f"seed is {seed}; choose 0 or more")
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=stream))


class Parts(NamedTuple):
    train: pd.DataFrame
    test: pd.DataFrame


class Forest(NamedTuple):
    forest: RandomForestClassifier
    sha256: str


class Grown(NamedTuple):
    forest: RandomForestClassifier
    sha256: str
    test: pd.DataFrame


class Judged(NamedTuple):
    accuracy: float
    low: float
    high: float


class Result(NamedTuple):
    sha256: str
    accuracy: float
    low: float
    high: float


@task(resources=SMALL)
def split_data(seed: int) -> Parts:
    """Splits the penguins into two parts: 80 % for training, 20 % for the test."""
    data = penguins.load_measured()
    order = generator(seed, SPLIT).permutation(len(data))
    cut = int(0.8 * len(data))
    return Parts(train=data.iloc[order[:cut]], test=data.iloc[order[cut:]])


@task(resources=SMALL)
def grow_trees(train: pd.DataFrame, seed: int, part: int, n_trees: int) -> RandomForestClassifier:
    """Returns one part of the forest, grown from its own stream of random numbers."""
    # scikit-learn takes a 32-bit number. Without this number, it would draw from the global state of NumPy.
    random_state = int(generator(seed, GROW, part).integers(2**32))
    forest = RandomForestClassifier(n_trees, random_state=random_state)
    return forest.fit(train[penguins.FEATURES], train[penguins.TARGET])


@task(resources=SMALL)
def join(parts: list[RandomForestClassifier]) -> Forest:
    """Returns all trees as one forest, with its fingerprint."""
    forest = parts[0]
    forest.estimators_ = [tree for part in parts for tree in part.estimators_]
    forest.n_estimators = len(forest.estimators_)
    return Forest(forest=forest, sha256=fingerprint(forest))


def fingerprint(forest: RandomForestClassifier) -> str:
    """Returns the SHA-256 of the numbers in the trees of the forest, in order.

    A hash of the pickle is no fingerprint: two pickles of one forest may differ, and so do those of two releases.
    """
    digest = sha256()
    for tree in forest.estimators_:
        for name in ("children_left", "children_right", "feature", "threshold", "value"):
            digest.update(getattr(tree.tree_, name).tobytes())
    return digest.hexdigest()


# The cluster reserves half a core and 300 MiB for the task. Above one core, the cluster slows the task down; above
# 500 MiB, it kills the task. The other tasks use SMALL, a size that lessons share, with the same four values.
@task(resources=Resources(cpu=("500m", "1"), mem=("300Mi", "500Mi")))
def judge(forest: RandomForestClassifier, test: pd.DataFrame, seed: int, resamples: int) -> Judged:
    """Returns the accuracy, and the two values between which 95 % of the accuracies of resampled test parts lie.

    Each of the `resamples` has as many penguins as the test part, drawn with replacement. All draws are in one
    array: 8 bytes for each penguin.

    Raises:
        ValueError: `resamples` is less than 1.
    """
    if resamples < 1:
        raise ValueError(f"resamples is {resamples}; choose 1 or more")
    right = (forest.predict(test[penguins.FEATURES]) == test[penguins.TARGET]).to_numpy()
    drawn = generator(seed, JUDGE).integers(len(right), size=(resamples, len(right)))
    low, high = np.quantile(right[drawn].mean(axis=1), [0.025, 0.975], method="inverted_cdf")
    return Judged(accuracy=float(right.mean()), low=float(low), high=float(high))


# A dynamic workflow sees its inputs when it runs, so it can request memory in proportion to the inputs:
# 300 MiB for Python and its packages, and 10 bytes for each penguin drawn.
@dynamic(resources=SMALL)
def judge_sized(forest: RandomForestClassifier, test: pd.DataFrame, seed: int, resamples: int) -> Judged:
    """Runs `judge` with the memory that its inputs need."""
    memory = f"{300 + 10 * resamples * len(test) // 2**20}Mi"
    judged = judge(forest=forest, test=test, seed=seed, resamples=resamples)
    return judged.with_overrides(resources=Resources(cpu=("500m", "1"), mem=(memory, memory)))


@workflow
def grow_forest(seed: int, n_trees: int) -> Grown:
    """Grows a forest of three parts of `n_trees` trees."""
    data = split_data(seed=seed)
    grow = map_task(partial(grow_trees, train=data.train, seed=seed, n_trees=n_trees))
    joined = join(parts=grow(part=[0, 1, 2]))
    return Grown(forest=joined.forest, sha256=joined.sha256, test=data.test)


@workflow
def judged_forest(seed: int = 42, n_trees: int = 20, resamples: int = 10_000) -> Result:
    """Grows a forest and evaluates it with the memory that the task `judge` declares."""
    grown = grow_forest(seed=seed, n_trees=n_trees)
    judged = judge(forest=grown.forest, test=grown.test, seed=seed, resamples=resamples)
    return Result(grown.sha256, judged.accuracy, judged.low, judged.high)


@workflow
def sized_forest(seed: int = 42, n_trees: int = 20, resamples: int = 10_000) -> Result:
    """Grows a forest and evaluates it with the memory that `resamples` needs."""
    grown = grow_forest(seed=seed, n_trees=n_trees)
    judged = judge_sized(forest=grown.forest, test=grown.test, seed=seed, resamples=resamples)
    return Result(grown.sha256, judged.accuracy, judged.low, judged.high)


if __name__ == "__main__":
    print(judged_forest())
