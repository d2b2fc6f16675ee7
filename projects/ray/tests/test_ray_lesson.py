"""Tests the figures of the lesson and of its README."""

import os

import pytest
import ray
from flyteidl.plugins.ray_pb2 import RayJob
from google.protobuf.json_format import MessageToDict, ParseDict
from ray_lesson import own_cluster, workflow
from ray_lesson.trials import Candidate

from runner.graph.compiled import compiled


@pytest.fixture(scope="module", autouse=True)
def mode_of_a_new_process():
    """Removes what Ray has set when another test started it here: a fork would inherit it and send no token."""
    os.environ.pop("RAY_AUTH_MODE", None)


def test_case(case, check):
    check(case)


def test_another_seed_draws_other_candidates():
    first, again, other = (workflow.draw_candidates(count=3, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_a_difference_is_told():
    candidates = [Candidate(1.0, 0.1), Candidate(2.0, 0.2)]
    best = workflow.pick_best(candidates=candidates, accuracies=[0.5, 0.75], serial=[0.5, 0.75000000001])
    assert tuple(best) == (2.0, 0.2, 0.75, False)


def test_a_search_needs_a_trial():
    with pytest.raises(ValueError, match="trials=0: a search needs at least one trial"):
        workflow.random_search(trials=0)


def test_the_error_of_a_trial_is_that_of_the_task():
    with pytest.raises(ValueError, match="'gamma' parameter of SVC") as caught:
        workflow.score_with_ray(candidates=[Candidate(1.0, 0.1), Candidate(1.0, -1.0)], folds=3)
    assert "ray::" not in str(caught.value)
    assert not ray.is_initialized()


def test_a_long_temporary_folder_is_not_too_long_for_a_socket(monkeypatch, tmp_path):
    folder = tmp_path / ("x" * 80)
    folder.mkdir()
    monkeypatch.setattr(own_cluster.tempfile, "tempdir", str(folder))
    with own_cluster.own_cluster(cores=1):
        assert ray.get(ray.remote(lambda: os.getpid()).remote()) != os.getpid()
    assert list(folder.iterdir()) == []


def test_a_cluster_gets_the_ray_job():
    task = compiled(workflow.random_search, {"default": "ray:1"}).tasks["ray_lesson.workflow.score_with_ray"]
    assert task.type == "ray"
    job = ParseDict(MessageToDict(task.custom), RayJob())
    assert dict(job.ray_cluster.head_group_spec.ray_start_params) == {"num-cpus": "0"}
    (workers,) = job.ray_cluster.worker_group_spec
    assert (workers.group_name, workers.replicas) == ("search", workflow.CLUSTER.worker_node_config[0].replicas)
    assert workers.min_replicas <= workers.replicas <= workers.max_replicas
    assert job.shutdown_after_job_finishes
    assert {entry.value for entry in task.container.resources.limits} == {"2", "2Gi"}
