"""What the harness does not run: refused in one line before anything runs."""

import re

import cases
import pytest
import refused_cases
from flyteidl.core.tasks_pb2 import TaskTemplate
from flyteidl.core.workflow_pb2 import Node, TaskNode, TaskNodeOverrides, WorkflowTemplate

from runner.graph.compiled import Graph
from runner.harness import node_kinds, support
from runner.harness.attempts import TaskFailed
from runner.harness.support import Unsupported, problem_at, problem_of


@pytest.mark.parametrize(
    ("workflow", "words"),
    [
        (cases.raw, "task shell is a container without Python, .* make test-image"),
        (refused_cases.pausing, "node n1 of pausing waits .*; a cluster does: make run REMOTE=1"),
        (refused_cases.mapping_a_launch_plan, "maps a launch plan, which a cluster refuses too"),
        (refused_cases.losing_a_call, "gets the output of word, a call that is lost inside a case: call it before"),
        (refused_cases.referring, "node n0 of referring refers to elsewhere.double, which is on a cluster only"),
        (refused_cases.referring_to_a_plan, "node n0 of .* refers to elsewhere.plan, which is on a cluster only"),
        (refused_cases.naming_alike, "several nodes of naming_alike have the name same, and a cluster would run only"),
    ],
)
def test_what_is_not_run_is_refused_before_anything_runs(execute, tmp_path, workflow, words):
    with pytest.raises(Unsupported, match=words) as refusal:
        execute(workflow)
    assert "\n" not in str(refusal.value)
    assert not list((tmp_path / "run").iterdir())


@pytest.mark.parametrize(
    ("workflow", "words"),
    [
        (
            refused_cases.pausing_in_a_drawn_graph,
            "draws_a_pause drew a graph that is not run here: node dn1 of .* waits",
        ),
        (
            refused_cases.drawing_an_unknown_plan,
            "calls the launch plan unknown_plan, which no module of the lesson defines",
        ),
        (
            refused_cases.naming_alike_in_a_drawn_graph,
            "draws_alike drew a graph that is not run here: several nodes of draws_alike have the name same",
        ),
    ],
)
def test_what_a_dynamic_workflow_draws_is_refused_before_any_of_it_runs(execute, tmp_path, workflow, words):
    with pytest.raises(TaskFailed, match=words):
        execute(workflow)
    assert not list((tmp_path / "run" / "n0").glob("dn*"))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"type": "python-task", "k8s_pod": {}}, "a pod template, which PyTorch's Elastic makes too"),
        ({"type": "container_array", "container": {}}, "an older kind, .*; use flytekit.map_task"),
        (
            {
                "type": "raw-container",
                "container": {"data_config": {"enabled": True}},
                "interface": {"inputs": {"variables": {"table": {"type": {"structured_dataset_type": {}}}}}},
            },
            "without Python with the input table, which is neither a number, a text, a truth value nor a file",
        ),
        (
            {
                "type": "raw-container",
                "container": {"data_config": {"enabled": True}, "args": ["cat {{.inputs.table}}"]},
                "interface": {"inputs": {"variables": {"table": {"type": {"blob": {}}}}}},
            },
            r"whose command has {{.inputs.table}}, which is no number, text or truth value",
        ),
        (
            {"type": "raw-container", "container": {"data_config": {"enabled": True}, "args": ["{{.inputs.tables}}"]}},
            r"whose command has {{.inputs.tables}}, which is no number, text or truth value",
        ),
        ({"type": "sensor"}, "of type sensor, which has no container"),
    ],
)
def test_a_task_that_no_launcher_runs_is_refused_by_what_it_is(facts, words):
    assert re.search(words, problem_of(TaskTemplate(**facts)))


def test_a_node_with_a_pod_template_of_its_own_is_refused():
    node = Node(task_node=TaskNode(overrides=TaskNodeOverrides(pod_template={"primary_container_name": "primary"})))
    assert problem_at(node, Graph(WorkflowTemplate())).startswith("has a pod template of its own; the harness")


def test_the_kinds_of_nodes_that_pass_are_those_that_are_run():
    assert set(support.KINDS) == node_kinds.KINDS.keys()
