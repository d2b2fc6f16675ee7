"""If a cluster exists already, the task uses it, gives the same figures, and leaves it running."""

import pytest
import ray
from ray_lesson import own_cluster, workflow
from ray_lesson.trials import Candidate

from runner.harness import walk
from runner.harness.launchers import ProcessLauncher


@pytest.fixture(scope="module", autouse=True)
def cluster():
    """One cluster for all tests of this file, because its start takes longer than the tests."""
    with own_cluster.own_cluster(cores=1):
        yield
    assert not ray.is_initialized()


def test_both_ways_give_the_same_figures_to_the_last_bit():
    candidates = workflow.draw_candidates(count=6, seed=7)
    with_ray = workflow.score_with_ray(candidates=candidates, folds=3)
    assert with_ray == workflow.score_serially(candidates=candidates, folds=3)
    assert len(set(with_ray)) > 1


def test_somebodys_cluster_is_used_and_left_running():
    node = ray.nodes()[0]["NodeID"]
    workflow.score_with_ray(candidates=[Candidate(1.0, 0.1)], folds=3)
    assert ray.nodes()[0]["NodeID"] == node
    assert ray.cluster_resources()["CPU"] == 1


def test_the_cluster_that_ray_address_names_is_used(monkeypatch, tmp_path, lesson):
    """Runs the task as KubeRay does: its command is a separate process, which connects to the existing cluster."""
    monkeypatch.setenv("RAY_ADDRESS", ray.get_runtime_context().gcs_address)
    inputs, images = {"trials": 3, "seed": 1, "folds": 3}, {"default": "ray:1"}
    run = walk.execute(workflow.random_search, inputs, tmp_path, ProcessLauncher(lesson.folder), images)
    assert run.outputs["same_as_serial"] is True
    log = next(tmp_path.glob("n1/attempt-0/log.txt")).read_text()
    assert "Connecting to existing Ray cluster" in log
    # Two drivers: this test and the task.
    assert len(ray.state.jobs()) == 2
