"""A random search: one task distributes the trials over its own Ray cluster."""

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


# The task requests this cluster from Kubernetes: a head that only schedules, and two workers. Every pod gets the
# task's resources, and all pods end with the task. On one machine, there are no pods. The cluster is then two
# processes, because the task may use two processors.
CLUSTER = RayJob(
    head_node_config=HeadNodeConfig(ray_start_params={"num-cpus": "0"}),
    worker_node_config=[WorkerNodeConfig(group_name="search", replicas=2)],
    shutdown_after_job_finishes=True,
)


@task(resources=SMALL)
def draw_candidates(count: int, seed: int) -> list[Candidate]:
    """Draws `count` candidates with the seed."""
    if count < 1:
        raise ValueError(f"trials={count}: a search needs at least one trial")
    return trials.draw(count, seed)


# `remote` makes a function that Ray runs in another process. A call of this function returns at once, with a
# reference to the future result. `put` stores the data once for all calls, and `get` waits for the results.
@task(task_config=CLUSTER, resources=MEDIUM)
def score_with_ray(candidates: list[Candidate], folds: int) -> list[float]:
    """Returns the accuracy of each candidate. One trial runs on each processor of the cluster."""
    score = ray.remote(trials.score)
    data = ray.put(penguins.load_measured())
    return ray.get([score.remote(candidate, data, folds) for candidate in candidates])


@task(resources=SMALL)
def score_serially(candidates: list[Candidate], folds: int) -> list[float]:
    """Returns the accuracy of each candidate. The trials run one after another in this process."""
    data = penguins.load_measured()
    return [trials.score(candidate, data, folds) for candidate in candidates]


@task(resources=SMALL)
def pick_best(candidates: list[Candidate], accuracies: list[float], serial: list[float]) -> Best:
    """Returns the candidate with the highest accuracy, and whether both searches agree to the last bit."""
    accuracy, best = max(zip(accuracies, candidates, strict=True), key=lambda point: point[0])
    return Best(best.regularization, best.gamma, accuracy, same_as_serial=accuracies == serial)


@workflow
def random_search(trials: int = 12, seed: int = 42, folds: int = 5) -> Best:
    """Searches hyperparameters of a classifier, with Ray and serially, and returns the best ones."""
    candidates = draw_candidates(count=trials, seed=seed)
    accuracies = score_with_ray(candidates=candidates, folds=folds)
    serial = score_serially(candidates=candidates, folds=folds)
    best = pick_best(candidates=candidates, accuracies=accuracies, serial=serial)
    return Best(best.regularization, best.gamma, best.accuracy, best.same_as_serial)


if __name__ == "__main__":
    print(random_search())
