"""Where the values of a run come from."""

import contextlib
from collections.abc import Callable

import pytest
import traced_cases as cases
from running import IMAGES

from runner.graph.compiled import compiled, drawn_graph
from runner.harness import origins, walk
from runner.harness.origins import sources_noted
from runner.harness.tasks import task_run
from runner.records.data import BODY, CONSTANT, INPUT, TASK, Source
from runner.records.record import Record, short_name

Sources = dict[str, list[str]]


def told(record: Record, sources: list[Source]) -> list[str]:
    """Sources as short words: the name of a task and which call of it, what of it."""
    last = {task.id: task for task in record.tasks}
    # The order in which the harness runs independent tasks is not that of the graph; their ids are.
    order = sorted(last, key=lambda name: [part.lstrip("dn") for part in name.split("/")])

    def call(task: str) -> str:
        name = short_name(last[task].task)
        same = [other for other in order if last[other].task == last[task].task]
        return f"{name} {same.index(task) + 1}" if len(same) > 1 else name

    kinds = {INPUT: "input", CONSTANT: "code", BODY: "body of "}
    return [
        f"{kinds.get(source.kind, '')}{call(source.task) if source.task else ''}".strip()
        + (f" {source.name}" if source.kind == INPUT else "")
        + (f".{source.name}" if source.kind == TASK and source.name != "o0" else "")
        + source.part
        for source in sources
    ]


@pytest.fixture
def empty() -> Record:
    return Record("", "", "", "", "", {}, "", {})


@pytest.fixture
def recorded(empty, launcher, tmp_path) -> Callable[..., Record]:
    """Runs a workflow, which may have to fail, and records its tasks with their sources."""

    def report(attempt) -> None:
        empty.tasks.append(task_run(attempt, tmp_path, {IMAGES["default"]: "requirements-x.txt"}))

    def recorded(workflow: Callable, fails: str = "", **inputs: object) -> Record:
        ends = pytest.raises(Exception, match=fails) if fails else contextlib.nullcontext()
        with ends, sources_noted(empty, compiled(workflow, IMAGES), tmp_path / "nodes"):
            walk.execute(workflow, inputs, tmp_path / "nodes", launcher, IMAGES, report)
        return empty

    return recorded


def outputs(record: Record) -> Sources:
    return {name: told(record, sources) for name, sources in record.sources.items()}


def inputs(record: Record, task: str) -> list[Sources]:
    """Where the inputs of a task come from, for each call of it."""
    calls = {run.id: run for run in record.tasks if short_name(run.task) == task}
    return [
        {name: told(record, sources) for name, sources in sorted(run.sources.items())}
        for _, run in sorted(calls.items())
    ]


def test_equal_values_of_different_tasks_are_told_apart(recorded):
    record = recorded(cases.equal)
    assert outputs(record) == {"o0": ["add 1"], "o1": ["add 2"], "o2": ["add 3"], "o3": ["total"]}
    assert inputs(record, "add") == [
        {"x": ["one 1"], "y": ["one 2"]},
        {"x": ["both.right"], "y": ["both.left"]},
        {"x": ["input y"], "y": ["code"]},
    ]
    assert inputs(record, "total") == [{"numbers": ["one 2", "input x", "one 1", "code"]}]


def test_elements_of_lists_and_fields_of_data_classes_are_told(recorded):
    record = recorded(cases.parts)
    assert outputs(record) == {"o0": ["fit.score"], "o1": ["add"], "o2": ["total"]}
    assert inputs(record, "fit") == [{"x": ["ones[1]"]}]
    assert inputs(record, "add") == [{"x": ["ones[0]"], "y": ["fit.score"]}]
    assert inputs(record, "total") == [{"numbers": ["ones"]}]


def test_values_are_followed_through_sub_workflows(recorded):
    record = recorded(cases.nested)
    (outer,) = [run for run in record.tasks if run.name.startswith("add") and run.sources["y"][0].kind == CONSTANT]
    assert told(record, outer.sources["x"])[0].startswith("one")
    (last,) = [run for run in record.tasks if run.name.startswith("add") and run is not outer]
    assert last.sources["y"] == [Source(TASK, outer.id, "o0")]
    assert record.sources == {"o0": [Source(TASK, last.id, "o0")]}
    assert {run.parent for run in record.tasks} == {""}


@pytest.mark.parametrize(("x", "sources"), [(1, {"x": ["one 1"], "y": ["input x"]}), (-1, {"x": ["input x"]})])
def test_of_a_conditional_only_the_case_that_was_taken_counts(recorded, x, sources):
    record = recorded(cases.chosen, x=x)
    (found,) = inputs(record, "add")
    assert sources.items() <= found.items()
    assert outputs(record) == {"o0": ["add"]}


def test_what_a_dynamic_workflow_hands_on_comes_from_its_body_and_has_the_same_content(recorded):
    record = recorded(cases.growing)
    (grow,) = [run for run in record.tasks if run.name.startswith("grow")]
    calls = [run for run in record.tasks if run.task.endswith("rows")]
    assert len(calls) == 2
    for run in calls:
        assert run.parent == grow.id
        assert run.sources == {"data": [Source(BODY, grow.id)]}
        assert [item.sha256 for item in run.read["data"]] == [item.sha256 for item in grow.read["data"]]
    assert inputs(record, "total") == [{"numbers": ["rows 1", "rows 2"]}]
    assert outputs(record) == {"o0": ["total"]}


def test_what_a_dynamic_workflow_drew_is_read_once_for_all_its_tasks(recorded, monkeypatch):
    """Its graph may have thousands of nodes."""
    read = []
    monkeypatch.setattr(origins, "drawn_graph", lambda *words: read.append(words) or drawn_graph(*words))
    assert len(recorded(cases.growing).tasks) == 5
    assert len(read) == 1


def test_members_of_a_map_task_get_an_element_each(recorded):
    record = recorded(cases.mapped)
    assert inputs(record, "fit_score") == [{"x": ["ones[0]"]}, {"x": ["ones[1]"]}]
    assert inputs(record, "total") == [{"numbers": ["fit_score 1", "fit_score 2"]}]
    # The lock is that of the environment that stands for the image, but the image itself has not run.
    assert {(run.lock, run.image) for run in record.tasks} == {("requirements-x.txt", "")}
    assert all(run.started and run.task.startswith("traced_cases.") for run in record.tasks)


def test_a_failed_run_tells_how_far_it_came_with_the_hash_of_what_it_stored(recorded, tmp_path):
    (tmp_path / "given.txt").write_text("content")
    copy, fails = recorded(cases.failing, fails="copy.txt", file=str(tmp_path / "given.txt")).tasks
    (given,), (copied,) = copy.read["file"], copy.written["o0"]
    assert given.size == 7
    assert given.sha256 == copied.sha256 == "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
    assert fails.sources == {"file": [Source(TASK, copy.id, "o0")]}
    assert fails.read["file"] == [copied]
    assert fails.written == {}


def test_a_failure_handler_gets_the_inputs_of_the_run_and_an_error(recorded):
    record = recorded(cases.closed, fails="on purpose", x=7)
    assert inputs(record, "close") == [{"err": [], "x": ["input x"]}]
