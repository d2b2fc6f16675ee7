"""Where values come from on a cluster: a node that has nodes inside is looked through to the task that made a value."""

import pytest
from admin.entities import key
from admin.replay import recording
from flyteidl.admin.task_pb2 import TaskCreateRequest
from flyteidl.admin.workflow_pb2 import WorkflowCreateRequest
from flytekit import conditional, workflow
from running import IMAGES
from traced_cases import add, nested

from runner.cluster.compiled_nodes import Graph
from runner.cluster.sources import Around, outputs_of, sources, through
from runner.graph.compiled import compiled
from runner.records.data import BODY, CONSTANT, INPUT, TASK, Source

pytest_plugins = ["recordings"]


@workflow
def branch(x: int = 1) -> int:
    return conditional("sign").if_(x > 0).then(add(x=x, y=1)).else_().then(add(x=1, y=x))


def test_the_nodes_of_a_condition_are_looked_through(service, watch):
    """The graph was not recorded: the test registers a workflow of the same shape under its name."""
    graph, recorded = compiled(branch, IMAGES), recording("branch")
    request = WorkflowCreateRequest(id=recorded.execution.closure.workflow_id)
    request.spec.template.CopyFrom(graph.workflow)
    cases = request.spec.template.nodes[0].branch_node.if_else
    for node in (cases.case.then_node, cases.else_node):
        node.id = f"n0-{node.id}"  # as a cluster's compiler calls it
    service.admin.workflows[key(request.id)] = request
    for task in graph.tasks.values():
        found = TaskCreateRequest(id=task.id)
        found.spec.template.CopyFrom(task)
        service.admin.tasks[key(task.id)] = found
    record = watch("branch").record
    assert record.sources == {"o0": [Source(TASK, "n0-0-n0-n0", "o0")]}
    inner = next(task for task in record.tasks if task.id == "n0-0-n0-n0")
    assert inner.sources == {"x": [Source(INPUT, "", "x")], "y": [Source(CONSTANT)]}


def test_an_input_of_a_sub_workflow_comes_from_what_its_node_got():
    graph = compiled(nested, IMAGES)
    template = graph.workflows["traced_cases.inner"]
    given = {"x": [Source(TASK, "n0", "o0", ".score")]}
    around = Around({node.id: f"n1-0-{node.id}" for node in template.nodes}, given)
    bound = [source for node in template.nodes for items in sources(node.inputs, around).values() for source in items]
    assert given["x"][0] in bound
    assert BODY not in {source.kind for source in bound}
    outputs = outputs_of(template.outputs, around)
    (name,) = (item.var for item in template.outputs)
    (end,) = through(Source(TASK, "n1", name), {"n1": outputs})
    assert end.task.startswith("n1-0-n")


def test_an_output_of_a_dynamic_workflow_comes_from_the_tasks_that_it_drew():
    drawn = Graph.of(recording("retries_in_dynamic").node("n1").data.dynamic_workflow.compiled_workflow)
    names = {node: f"n1-0-{node}" for node in drawn.nodes if node.startswith("dn")}
    outputs = outputs_of(drawn.template.outputs, Around(names, {}, "n1"))
    ends = through(Source(TASK, "n1", "o0"), {"n1": outputs})
    assert [(end.task, end.name) for end in ends] == [(f"n1-0-dn{number}", "o0") for number in range(4)]


@pytest.mark.parametrize("source", [Source(TASK, "n9", "o0"), Source(INPUT, "", "x"), Source(TASK, "n1", "other")])
def test_any_other_source_stays(source):
    assert through(source, {"n1": lambda name: []}) == [source]
