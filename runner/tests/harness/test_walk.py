"""The graph: every kind of node and binding, failures, handlers, and what is refused."""

from pathlib import Path
from types import SimpleNamespace

import attempt_cases
import cache_cases
import cases
import pandas as pd
import pytest
from flyteidl.core.tasks_pb2 import Resources
from flyteidl.core.workflow_pb2 import ArrayNode
from running import IMAGES

from runner.errors import Stop
from runner.graph.compiled import compiled
from runner.harness import node_kinds as nodes
from runner.harness.attempts import TaskFailed, give_up
from runner.harness.calls import Attempt
from runner.harness.containers import limits
from runner.harness.prints import show
from runner.harness.walk import literals_of
from runner.records.folder_lock import InUse, hold


def test_every_kind_of_binding_gives_what_a_call_of_the_workflow_gives(execute):
    settings = cases.Settings(step=100, label="numbers")
    execution = execute(cases.wide, x=2, settings=settings)
    assert tuple(execution.outputs.values()) == cases.wide(x=2, settings=settings)
    assert list(execution.outputs.values()) == [
        4 + 40 + 5 + 100,
        7 + 70 + 1000 + 5 + 100,
        "numbers: [('a', 4), ('b', 149)]",
    ]


def test_attempts_name_the_node_inside_sub_workflows_and_the_deck(execute):
    execution = execute(cases.wide, x=2, settings=cases.Settings(step=1, label="x"))
    nodes = {attempt.node: attempt for attempt in execution.attempts}
    assert {"n0", "n1/n0", "n1/n1", "n2/n0", "n2/n1", "n3"} == nodes.keys()
    assert "Names" in Path(nodes["n3"].deck).read_text()


def test_an_input_whose_default_is_none_may_be_left_out(execute):
    assert list(execute(cases.optional).outputs.values()) == [1]


def test_equal_inputs_of_two_runs_are_stored_in_both(tmp_path):
    for name in ("first", "second"):
        inputs = literals_of(cache_cases.a_given_frame, {"data": pd.DataFrame({"x": [1]})}, tmp_path / name)
        stored = Path(inputs.literals["data"].scalar.structured_dataset.uri)
        assert stored.is_relative_to(tmp_path / name)
        assert stored.exists()


def test_the_failure_policy_lets_other_nodes_complete(execute, tmp_path):
    with pytest.raises(TaskFailed, match="on purpose"):
        execute(cases.keeps_going, folder=str(tmp_path))
    assert (tmp_path / "second").exists()


def test_a_sub_workflow_that_fails_does_not_stop_the_others_around_it(execute, tmp_path):
    with pytest.raises(TaskFailed, match="on purpose"):
        execute(cases.keeps_going_around, folder=str(tmp_path))
    assert (tmp_path / "second").exists()


def test_after_a_failure_the_handler_runs_with_the_workflows_inputs(execute, tmp_path):
    with pytest.raises(TaskFailed, match="on purpose"):
        execute(cases.handled, folder=str(tmp_path))
    assert (tmp_path / "cleaned").exists()


@pytest.mark.parametrize(
    "workflow", [cases.handled_with_its_error, cases.handled_by_a_workflow, cases.handled_by_a_launch_plan]
)
def test_the_error_that_a_handler_asks_for_names_its_own_node_as_on_a_cluster(execute, tmp_path, workflow):
    with pytest.raises(TaskFailed, match="on purpose"):
        execute(workflow, folder=str(tmp_path))
    (line,) = (tmp_path / "report").read_text().splitlines()
    assert line.startswith("fn0: task fails (node n1")
    assert "on purpose" in line
    # The sub-workflow has a handler of its own.
    assert (tmp_path / "cleaned").exists() == (workflow is cases.handled_with_its_error)


def test_a_workflow_as_handler_that_succeeded_is_not_run_again_when_the_recovered_run_fails(execute, tmp_path):
    """test_differences.py has the same of a task."""
    for _ in range(2):
        with pytest.raises(TaskFailed, match="on purpose"):
            execute(cases.handled_by_a_workflow, folder=str(tmp_path))
        assert len((tmp_path / "report").read_text().splitlines()) == 1
        give_up(tmp_path / "run")


def test_a_handler_that_failed_is_run_again_when_the_recovered_run_fails(execute, tmp_path):
    (tmp_path / "report").mkdir()  # it cannot be written
    with pytest.raises(TaskFailed, match="on purpose"):
        execute(cases.handled_with_its_error, folder=str(tmp_path))
    give_up(tmp_path / "run")
    (tmp_path / "report").rmdir()
    with pytest.raises(TaskFailed, match="on purpose"):
        execute(cases.handled_with_its_error, folder=str(tmp_path))
    assert len((tmp_path / "report").read_text().splitlines()) == 1


def test_a_folder_is_not_gone_on_with_under_other_inputs(execute):
    execute(attempt_cases.recovering, x=1)
    with pytest.raises(Stop, match="is from a run with other inputs"):
        execute(attempt_cases.recovering, x=2)


def test_a_folder_is_walked_by_one_at_a_time(execute, tmp_path):
    (tmp_path / "run").mkdir()
    with hold(tmp_path / "run"), pytest.raises(InUse, match="is still being run by another process"):
        execute(attempt_cases.recovering)


def test_overrides_of_a_node_reach_its_task():
    graph = compiled(cases.resized, IMAGES)
    (node,) = (node for node in graph.workflow.nodes if node.id == "n0")
    task = nodes.overridden(graph.tasks["cases.double"], node)
    assert limits(task.container.resources, 2) == ["--memory", str(123 * 2**20), "--memory-swap", str(123 * 2**20)]
    assert not graph.tasks["cases.double"].container.resources.limits


def test_an_override_leaves_the_resources_that_it_does_not_name():
    graph = compiled(cases.resized, IMAGES)
    (node,) = (node for node in graph.workflow.nodes if node.id == "n0")
    task = graph.tasks["cases.double"]
    for name, value in ((Resources.CPU, "2"), (Resources.MEMORY, "500Mi")):
        task.container.resources.limits.add(name=name, value=value)
    found = nodes.overridden(task, node).container.resources.limits
    assert {entry.name: entry.value for entry in found} == {Resources.CPU: "2", Resources.MEMORY: "123Mi"}


@pytest.mark.parametrize(("ratio", "count", "needed"), [(0.75, 4, 3), (0.75, 10, 8), (0.8, 5, 5), (1, 3, 3)])
def test_a_share_of_members_is_a_whole_number_of_them(ratio, count, needed):
    assert nodes.successes_needed(ArrayNode(min_success_ratio=ratio), count) == needed


def test_an_attempt_is_shown_by_one_write_so_that_no_other_comes_between(monkeypatch):
    written = []
    monkeypatch.setattr("sys.stdout", SimpleNamespace(write=written.append, flush=lambda: None))
    show(Attempt("n0", "task", 0, "succeeded", 1.0), ["one", "two"])
    assert [text.count("\n") for text in written if text] == [3]


@pytest.mark.parametrize(("x", "outcome"), [(5, 10), (-1, -2), (2, 22), (0, 0)])
def test_the_first_case_that_holds_is_taken(execute, x, outcome):
    execution = execute(cases.branching, x=x)
    assert list(execution.outputs.values()) == [outcome] == [cases.branching(x=x)]
    assert len(execution.attempts) == 2


def test_a_branch_waits_for_what_its_cases_need(execute):
    assert list(execute(cases.branching_on_a_later_node, x=1).outputs.values()) == [2 + 4]


def test_no_case_that_holds_is_a_failure_with_its_words(execute):
    with pytest.raises(TaskFailed, match="x is out of range"):
        execute(cases.branching, x=1000)


def test_the_types_in_a_graph_that_a_task_wrote_must_fit(execute, tmp_path):
    words = (
        r"badly_drawn drew a graph whose types do not fit: dn1 double, input x: gets str \(output o0 of dn0 describe\)"
    )
    with pytest.raises(TaskFailed, match=words):
        execute(cases.badly_grown)
    assert not (tmp_path / "run" / "n0" / "dn0").exists()


def test_a_dynamic_workflow_runs_the_graph_that_its_task_wrote(execute):
    settings = cases.Settings(step=3, label="all")
    execution = execute(cases.growing, count=3, settings=settings)
    assert list(execution.outputs.values()) == [0 + 2 + 4 + 3] == [cases.growing(count=3, settings=settings)]
    assert [attempt.task for attempt in execution.attempts] == ["grow", "double", "double", "double", "total"]
    assert all(attempt.node.startswith("n0/") for attempt in execution.attempts[1:])


def test_a_map_task_runs_every_member_with_its_bound_inputs(execute):
    execution = execute(cases.mapping, numbers=[1, 2, 3], factor=10)
    assert list(execution.outputs.values()) == [[10, 20, 30]]
    assert sorted(attempt.node for attempt in execution.attempts) == ["n0/0", "n0/1", "n0/2"]


def test_members_that_fail_leave_nothing_while_enough_succeed(execute):
    execution = execute(cases.mapping_with_losses, numbers=[1, 0, 3, 4])
    assert list(execution.outputs.values()) == [[12, None, 4, 3]]


def test_too_many_failing_members_fail_the_map_task(execute):
    with pytest.raises(TaskFailed, match=r"of 4 members succeeded, 3 are needed: task divide \(node n0/\d\) failed"):
        execute(cases.mapping_with_losses, numbers=[0, 0, 3, 4])
