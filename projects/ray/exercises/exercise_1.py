"""Exercise 1: on Kubernetes, the cluster grows from two workers to at most six, and shrinks to one."""

import pytest
from flyteidl.plugins.ray_pb2 import RayCluster
from google.protobuf.json_format import MessageToDict, ParseDict
from ray_lesson import workflow

from runner.graph.compiled import compiled


@pytest.fixture
def cluster() -> RayCluster:
    """What Kubernetes is asked for."""
    task = compiled(workflow.random_search, {"default": "ray:1"}).tasks["ray_lesson.workflow.score_with_ray"]
    return ParseDict(MessageToDict(task.custom)["rayCluster"], RayCluster())


@pytest.fixture
def workers(cluster):
    assert len(cluster.worker_group_spec) == 1, "one group of workers is enough"
    return cluster.worker_group_spec[0]


def test_begun(cluster):
    sizes = {(group.min_replicas, group.max_replicas) for group in cluster.worker_group_spec}
    assert sizes != {(2, 2)} or cluster.enable_autoscaling, "the cluster always has two workers"


def test_sizes(workers):
    found = workers.replicas, workers.min_replicas, workers.max_replicas
    assert found == (2, 1, 6), (
        f"the workers start as {found[0]}, at least {found[1]}, at most {found[2]}; not 2, 1 and 6"
    )


def test_it_grows(cluster):
    missing = "the workers may be one to six, but nothing adds or removes one: switch the autoscaler on in RayJob"
    assert cluster.enable_autoscaling, missing
