"""A random search that one task spreads over a Ray cluster of its own."""

from typing import NamedTuple

import ray
from flytekit import task, workflow
from flytekitplugins.ray import HeadNodeConfig, WorkerNodeConfig
from workshop import penguins
from workshop.resources import MEDIUM, SMALL

from ray_lesson import trials
from ray_lesson.own_cluster import RayJob
from ray_lesson.trials import Candidate


class Best(NamedTuple):
    regularization: float
    gamma: float
    accuracy: float
    same_as_serial: bool


# What the task asks Kubernetes for: a head that schedules but computes nothing itself, and two workers.
# Every pod gets the task's resources, and all go when the task has ended. On one machine there are no
# pods: a cluster of two processes, since the task may use two processors.
CLUSTER = RayJob(
    head_node_config=HeadNodeConfig(ray_start_params={"num-cpus": "0"}),
    worker_node_config=[WorkerNodeConfig(group_name="search", replicas=2)],
    shutdown_after_job_finishes=True,
)


@task(resources=SMALL)
def draw_candidates(count: int, seed: int) -> list[Candidate]:
    """Draws `count` candidates by the seed."""
    if count < 1:
        raise ValueError(f"trials={count}: a search needs at least one trial")
    return trials.draw(count, seed)


# `remote` makes a function one that Ray runs in another process, and calling it returns at once, with a
# reference to a result that is still to come. `put` stores the data once, for all calls; `get` waits.
@task(task_config=CLUSTER, resources=MEDIUM)
def score_with_ray(candidates: list[Candidate], folds: int) -> list[float]:
    """Returns the accuracy of each candidate; as many are at work as the cluster has processors."""
    score = ray.remote(trials.score)
    data = ray.put(penguins.load_measured())
    return ray.get([score.remote(candidate, data, folds) for candidate in candidates])


@task(resources=SMALL)
def score_serially(candidates: list[Candidate], folds: int) -> list[float]:
    """Returns the accuracy of each candidate, one after another in this process."""
    data = penguins.load_measured()
    return [trials.score(candidate, data, folds) for candidate in candidates]


@task(resources=SMALL)
def pick_best(candidates: list[Candidate], accuracies: list[float], serial: list[float]) -> Best:
    """Returns the candidate with the highest accuracy, and whether both searches found the same, to the last bit."""
    accuracy, best = max(zip(accuracies, candidates, strict=True), key=lambda point: point[0])
    return Best(best.regularization, best.gamma, accuracy, same_as_serial=accuracies == serial)


@workflow
def random_search(trials: int = 12, seed: int = 42, folds: int = 5) -> Best:
    """Searches the hyperparameters of a classifier, with Ray and serially, and returns the best."""
    candidates = draw_candidates(count=trials, seed=seed)
    accuracies = score_with_ray(candidates=candidates, folds=folds)
    serial = score_serially(candidates=candidates, folds=folds)
    best = pick_best(candidates=candidates, accuracies=accuracies, serial=serial)
    return Best(best.regularization, best.gamma, best.accuracy, best.same_as_serial)


if __name__ == "__main__":
    print(random_search())
