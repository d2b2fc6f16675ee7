"""Tests the figures of the lesson and of its README."""

import json
import pickle
import platform

import numpy as np
import pytest
from flyteidl.core.dynamic_job_pb2 import DynamicJobSpec
from flyteidl.core.tasks_pb2 import Resources
from randomness_and_resources import workflow

from runner.graph.compiled import compiled
from runner.harness.quantities import quantity

IMAGES = {"default": "registry.example/forest:1"}
SIZED = "randomness_and_resources.workflow:sized_forest"
ON_X86_64 = "d88918f75cf7d6cb07c00f4f9c938bc7da5a63e8a0a87daeea1976319023eae7"


def grown(seed: int, part: int):
    """Returns a part of a forest before Flyte stores it."""
    train = workflow.split_data(seed=1).train
    return workflow.grow_trees.task_function(train=train, seed=seed, part=part, n_trees=2)


def sizes(resources: Resources) -> tuple[dict[str, str], dict[str, str]]:
    """Returns the requests and the limits by name."""
    requests, limits = (
        {Resources.ResourceName.Name(entry.name): entry.value for entry in entries}
        for entries in (resources.requests, resources.limits)
    )
    return requests, limits


def test_case(case, check):
    check(case)


@pytest.mark.every_tier
def test_the_forest_has_the_same_bytes_in_processes_in_containers_and_here(execute, lesson):
    assert execute(lesson.entry_point, {}) == workflow.judged_forest()._asdict()


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="another processor may round differently")
def test_the_hash_that_the_readme_shows():
    assert workflow.judged_forest().sha256 == ON_X86_64


def test_another_seed_is_another_forest():
    assert workflow.judged_forest(seed=7).sha256 != workflow.judged_forest(seed=8).sha256


def test_a_stream_is_the_one_that_numpy_spawns():
    spawned = np.random.SeedSequence(42).spawn(3)[workflow.GROW].spawn(3)[2]
    expected = np.random.default_rng(spawned).integers(100, size=20)
    assert (workflow.generator(42, workflow.GROW, 2).integers(100, size=20) == expected).all()


def test_no_two_tasks_share_a_stream_nor_do_runs_with_neighbouring_seeds():
    forests = {workflow.fingerprint(grown(seed, part)) for seed in (42, 43, 44) for part in (0, 1, 2)}
    assert len(forests) == 9


def test_nothing_is_drawn_from_the_global_state():
    np.random.seed(1)
    before = np.random.get_state()[1].tolist()
    first = workflow.fingerprint(grown(42, 0))
    assert np.random.get_state()[1].tolist() == before
    np.random.seed(2)
    assert workflow.fingerprint(grown(42, 0)) == first


def test_a_pickle_is_no_fingerprint():
    forest = grown(42, 0)
    loaded = pickle.loads(pickle.dumps(forest))  # noqa: S301  (this test made the pickle)
    assert pickle.dumps(loaded) != pickle.dumps(forest)
    assert workflow.fingerprint(loaded) == workflow.fingerprint(forest)


def test_a_sum_in_another_order_is_another_sum():
    numbers = np.random.default_rng(42).random(1000)
    assert sum(numbers) == pytest.approx(sum(numbers[::-1]))
    assert sum(numbers) != sum(numbers[::-1])


def test_each_task_is_registered_with_its_requests_and_limits():
    tasks = compiled(workflow.judged_forest, IMAGES).tasks
    found = {name.rpartition(".")[2]: sizes(task.container.resources) for name, task in tasks.items()}
    assert found.pop("judge") == ({"CPU": "500m", "MEMORY": "300Mi"}, {"CPU": "1", "MEMORY": "500Mi"})
    assert len(found) == 3
    small = ({"CPU": "500m", "MEMORY": "400Mi"}, {"CPU": "1", "MEMORY": "800Mi"})
    assert all(size == small for size in found.values())


def test_the_dynamic_workflow_asks_for_what_its_inputs_need(execute, lesson, tmp_path):
    judged = execute(SIZED, {"resamples": 1_000_000})
    (expected,) = (case.outputs for case in lesson.cases if case.entry_point == SIZED)
    assert {name: judged[name] for name in expected} == expected
    (futures,) = tmp_path.rglob("futures.pb")
    spec = DynamicJobSpec.FromString(futures.read_bytes())
    (node,) = (node for node in spec.nodes if node.HasField("task_node"))
    own = ({"CPU": "500m", "MEMORY": "300Mi"}, {"CPU": "1", "MEMORY": "500Mi"})
    asked = ({"CPU": "500m", "MEMORY": "958Mi"}, {"CPU": "1", "MEMORY": "958Mi"})
    assert [sizes(task.container.resources) for task in spec.tasks] == [own]
    assert sizes(node.task_node.overrides.resources) == asked

    (record,) = tmp_path.rglob("record.json")
    used = json.loads(record.read_text())["tasks"][-1]
    assert used["limits"] == {"cpu": "1", "memory": "958Mi"}
    # The task uses more than its default limit, and less than the override requests.
    assert quantity("500Mi") < used["peak_mb"] * 1e6 < quantity("958Mi")


@pytest.mark.parametrize(("name", "value"), [("seed", -1), ("resamples", 0)])
def test_an_impossible_input_is_named(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value}; choose"):
        workflow.judged_forest(**{name: value})
