"""A run as a tree of nodes: from the graph of its record, or from its tasks alone."""

from collections.abc import Sequence

from runner.records.graph_facts import Edge, NodeFact
from runner.records.picture.layout import acyclic
from runner.records.picture.model import Model
from runner.records.picture.terminal import lines
from runner.records.picture.waiting import wait
from runner.records.record import Record, TaskRun

MOMENT = "2026-11-30T01:02:{:06.3f}+00:00"


def task(id: str, status: str = "succeeded", start: float = 0, seconds: float = 1, **facts) -> TaskRun:
    return TaskRun("work", {}, status, seconds, id=id, task="x.work", started=MOMENT.format(start), **facts)


def model(tasks: list[TaskRun], graph: Sequence[NodeFact] = (), status: str = "succeeded") -> Model:
    return Model(Record("x", "", "", "", "", {}, MOMENT.format(0), {}, status, tasks=tasks, graph=list(graph)))


def statuses(found: Model) -> dict[str, str]:
    return {name: node.status for name, node in found.nodes.items()}


BRANCH = [
    NodeFact("n0", "branch", "branch"),
    NodeFact("n0/a", "task", "one", "n0", "if x > 1"),
    NodeFact("n0/b", "task", "other", "n0", "else"),
]


def test_the_case_that_did_not_run_is_not_taken_if_another_did():
    assert statuses(model([task("n0/a")], BRANCH)) == {"n0": "succeeded", "n0/a": "succeeded", "n0/b": "not taken"}
    assert set(statuses(model([], BRANCH, "failed")).values()) == {"not run"}


def test_members_of_a_map_task_are_inside_it_counted_with_those_that_failed():
    graph = [NodeFact("n0", "map task", "work"), NodeFact("n1", "task", "sum", needs=[Edge("n0")])]
    members = [task("n0/0"), task("n0/1", "recoverable"), task("n0/1", "non-recoverable", attempt=1), task("n0/2")]
    found = model([*members, task("n1")], graph)
    assert found.nodes["n0"].members == ["2 succeeded", "1 non-recoverable (1)"]
    assert found.nodes["n0"].status == "succeeded", "the run went on after it"
    assert found.nodes["n0"].retries == 1
    assert model(members, graph, "failed").nodes["n0"].status == "non-recoverable"


def test_a_dynamic_workflow_fails_with_a_node_inside_it():
    graph = [NodeFact("n0", "task", "search"), NodeFact("n0/dn0", "task", "work", "n0")]
    found = model([task("n0"), task("n0/dn0", "non-recoverable")], graph, "failed")
    assert (found.nodes["n0"].kind, found.nodes["n0"].status) == ("dynamic workflow", "non-recoverable")


def test_a_wait_is_told_with_what_came_last():
    graph = [NodeFact("n0", "task", "a"), NodeFact("n1", "task", "b"), NodeFact("n2", "task", "c")]
    graph[2].needs.extend([Edge("n0"), Edge("n1")])
    found = model([task("n0", seconds=1), task("n1", seconds=2), task("n2", start=3.5)], graph)
    waited = wait(found, found.nodes["n2"])
    assert waited.last == "b (n1)"
    assert found.nodes["n2"].start - waited.start == 1.5


def test_a_record_without_a_graph_gives_a_tree_too():
    found = model([task("n1"), task("n1-0-dn0", parent="n1"), task("n2/3")])
    assert [node.id for node in found.top] == ["n1", "n2/3"]
    assert [node.id for node in found.nodes["n1"].children] == ["n1-0-dn0"]


def test_parents_and_lines_in_a_circle_are_left_out():
    found = model(
        [], [NodeFact("a", "task", "a", "b"), NodeFact("b", "task", "b", "a"), NodeFact("c", "task", "c", "c")]
    )
    assert sorted(node.id for node in found.top) == ["a", "c"] or sorted(node.id for node in found.top) == ["b", "c"]
    assert acyclic([("a", "b"), ("b", "c"), ("c", "a"), ("a", "a")]) == [("a", "b"), ("b", "c")]


def test_the_terminal_shows_each_node_after_what_it_needs():
    graph = [NodeFact("n1", "branch", "late", needs=[Edge("n0", "x", "float")]), NodeFact("n0", "task", "early")]
    graph += [NodeFact("n1/a", "task", "inner", "n1", "if x > 1")]
    assert lines(model([], graph)) == [
        "early (n0)",
        "late (n1) branch <- early (n0) (x: float)",
        "    inner (n1/a) if x > 1",
    ]
