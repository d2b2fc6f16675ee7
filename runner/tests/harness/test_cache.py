"""Cached results: which calls they serve, what the record says of them, and results whose data is gone."""

import contextlib
import re
import shutil
from pathlib import Path

import cache_cases as cases
import pytest
from flyteidl.core.literals_pb2 import Literal, LiteralMap, Scalar, Union
from flyteidl.core.types_pb2 import LiteralType, SimpleType
from running import HERE, IMAGES

from runner.graph.compiled import compiled
from runner.harness import walk
from runner.harness.attempts import TaskFailed
from runner.harness.cache import Cache as Results
from runner.harness.cache import forget, identity, key_of
from runner.harness.calls import Attempt, Call
from runner.harness.forks import ForkLauncher
from runner.harness.tasks import task_run
from runner.records import page
from runner.records.record import Record, TaskRun


@pytest.fixture
def run(launcher, tmp_path):
    """Runs a workflow as a run of that name; returns what the record says of its tasks, and what came out."""

    def run(name: str, entity, **inputs) -> tuple[list[TaskRun], list]:
        folder, tasks = tmp_path / "lesson" / name, []

        def report(attempt: Attempt) -> None:
            tasks.append(task_run(attempt, folder, {}))

        cache = Results(tmp_path / "lesson" / ".cache")
        outputs = walk.execute(entity, inputs, folder / "nodes", launcher, IMAGES, report, cache).outputs
        return tasks, list(outputs.values())

    return run


@pytest.fixture
def statuses(run):
    """The same, as words."""

    def statuses(name: str, entity, **inputs) -> list[str]:
        return [f"{task.name} {task.status}" for task in run(name, entity, **inputs)[0]]

    return statuses


def test_a_cached_result_is_noted_with_what_its_computation_took(run, statuses):
    (first, reader), outputs = run("first", cases.a_file, x=1)
    (again, reads_again), same = run("again", cases.a_file, x=1)
    assert outputs == same == [1]
    assert (first.status, first.computed_seconds, first.computed_by) == ("succeeded", None, "")
    assert (again.status, again.computed_seconds, again.computed_by) == ("cached", first.seconds, "first")
    assert again.computed_as == first.id == "n0"
    assert again.inputs == {"x": 1}
    assert again.outputs == {"o0": f"../first/{first.outputs['o0']}"}
    # It reads the same file, so that it has the same input.
    assert (reader.status, reads_again.status) == ("succeeded", "cached")
    assert statuses("other", cases.a_file, x=2) == ["filed succeeded", "reads_file succeeded"]


def test_the_page_and_the_summary_tell_it(run):
    run("first", cases.a_frame, x=1)
    (again, reader), _ = run("again", cases.a_frame, x=1)
    assert reader.status == "succeeded"
    row = page.render(Record("", "", "", "", "", {}, "", {}, tasks=[again]), Path())
    assert '<span class="cached">cached</span>' in row
    assert f"computed in {again.computed_seconds:.3f} s" in row
    assert '<a href="../first/index.html#task-n0">first</a>' in row
    assert f'<a href="{again.outputs["o0"]}"' in row
    again.computed_seconds, again.seconds = 2.0, 0.5
    record = Record("", "", "", "", "", {}, "", {}, tasks=[again, TaskRun("other", {}, "succeeded", 1.0)])
    assert record.served == "1 of 2 tasks computed, the others cached: 1.50 s saved"
    assert f"{record.served}." in page.render(record, Path())
    again.computed_seconds = None  # on a cluster
    assert record.served == "1 of 2 tasks computed, the others cached"
    again.computed_seconds = 2.0
    record.tasks.append(TaskRun("failing", {}, "failed", 1.0))
    assert record.served == "1 task cached: 1.50 s saved"
    record.tasks.pop(0)
    assert record.served == ""


def test_a_dynamic_workflow_is_served_whole(statuses):
    assert statuses("first", cases.grown, x=1) == ["several succeeded", *["number succeeded"] * 3]
    assert statuses("again", cases.grown, x=1) == ["several cached"]
    assert sorted(statuses("overlap", cases.grown, x=2)) == [
        *["number cached"] * 2,
        "number succeeded",
        "several succeeded",
    ]


def test_members_of_a_map_task_are_served_one_by_one_and_not_by_a_plain_call(statuses):
    assert statuses("plain", cases.numbers, x=1) == ["number succeeded"]
    assert statuses("map", cases.mapped, numbers=[1, 2]) == ["number succeeded"] * 2
    assert sorted(statuses("map again", cases.mapped, numbers=[3, 2, 1])) == [
        *["number cached"] * 2,
        "number succeeded",
    ]


def test_a_cached_folder_without_files_is_there(run):
    for name, status in (("first", "succeeded"), ("again", "cached")):
        (folder, _), outputs = run(name, cases.an_empty_folder, x=1)
        assert (folder.status, outputs) == (status, [0])


def test_a_task_that_was_cut_off_is_cached_once_it_is_computed(run, statuses, tmp_path):
    run("first", cases.numbers, x=1)
    forget(tmp_path / "lesson" / ".cache")
    (tmp_path / "lesson" / "first" / "nodes" / "n0" / "attempt-0" / "attempt.json").unlink()
    assert statuses("first", cases.numbers, x=1) == ["number cut off", "number succeeded"]
    assert statuses("again", cases.numbers, x=1) == ["number cached"]


READERS = [cases.a_frame, cases.a_list, cases.an_optional, cases.a_holder, cases.a_file]


@pytest.mark.parametrize("entity", READERS, ids=lambda entity: entity.short_name)
def test_a_task_that_reads_a_cached_result_whose_data_is_gone_says_so(run, statuses, entity, tmp_path):
    run("first", entity, x=1)
    shutil.rmtree(tmp_path / "lesson" / "first")
    words = re.escape("the data of its input data, a cached result, is gone: ../first/nodes/n0/attempt-0/data/")
    # The reader of the file is cached itself, but its own result is a number.
    if entity is cases.a_file:
        assert statuses("again", entity, x=1) == ["filed cached", "reads_file cached"]
        return
    with pytest.raises(TaskFailed, match=rf"{words}.*; forget such results: make clear-cache PROJECT=lesson"):
        run("again", entity, x=1)
    forget(tmp_path / "lesson" / ".cache")
    assert run("third", entity, x=1)[0][0].status == "succeeded"


def test_a_failure_is_not_cached(run):
    for name in ("first", "second"):
        with pytest.raises(TaskFailed, match="1"):
            run(name, cases.failing, x=1)


def test_an_ignored_input_is_a_hit(statuses):
    assert statuses("first", cases.ignoring, x=1, workers=1) == ["ignores succeeded"]
    assert statuses("second", cases.ignoring, x=1, workers=2) == ["ignores cached"]
    assert statuses("third", cases.ignoring, x=2, workers=2) == ["ignores succeeded"]


def test_an_input_of_the_run_counts_by_its_content(statuses, tmp_path):
    for name, text in (("one", "1"), ("copy", "1"), ("other", "2")):
        (tmp_path / name).write_text(text)
    assert statuses("first", cases.given, file=str(tmp_path / "one")) == ["reads_file succeeded"]
    assert statuses("second", cases.given, file=str(tmp_path / "copy")) == ["reads_file cached"]
    assert statuses("third", cases.given, file=str(tmp_path / "other")) == ["reads_file succeeded"]


def test_of_equal_calls_at_a_time_one_computes_if_the_cache_is_serialized(run):
    tasks, (one, other) = run("first", cases.at_a_time, x=1)
    assert one == other
    assert sorted(task.status for task in tasks) == ["cached", "succeeded"]


def test_else_both_compute(run):
    tasks, (one, other) = run("first", cases.at_a_time_without, x=1)
    assert one != other
    assert [task.status for task in tasks] == ["succeeded"] * 2


def test_a_changed_body_is_a_hit(statuses, monkeypatch, tmp_path):
    statuses("first", cases.numbers, x=1)
    monkeypatch.setattr(cases.number, "execute", lambda x: x + 1)
    results = Results(tmp_path / "lesson" / ".cache")
    with contextlib.closing(ForkLauncher(HERE)) as changed:  # a process with the new body
        folder = tmp_path / "lesson" / "second"
        for x, outcome, value in ((1, "cached", 1), (2, "succeeded", 3)):
            execution = walk.execute(cases.numbers, {"x": x}, folder / str(x), changed, IMAGES, cache=results)
            assert [attempt.outcome for attempt in execution.attempts] == [outcome]
            assert list(execution.outputs.values()) == [value]


def test_changed_types_are_a_miss_and_a_changed_description_is_none(tmp_path):
    def key(change=lambda interface: None) -> str:
        task = compiled(cases.numbers, IMAGES).tasks["cache_cases.number"]
        change(task.interface)
        call = Call("n0", task, tmp_path / "run" / "nodes" / "n0", 0, None)
        return key_of(call, LiteralMap())

    def of_text(interface) -> None:
        interface.outputs.variables["o0"].type.simple = SimpleType.STRING

    def described(interface) -> None:
        interface.inputs.variables["x"].description = "another one"

    assert key() == key(described) != key(of_text)


def test_equal_values_of_two_cases_of_a_union_are_two_inputs(tmp_path):
    def empty_list_of(kind) -> Literal:
        union = Union(type=LiteralType(collection_type=LiteralType(simple=kind)))
        union.value.collection.SetInParent()
        return Literal(scalar=Scalar(union=union))

    texts, again, numbers = map(empty_list_of, (SimpleType.STRING, SimpleType.STRING, SimpleType.INTEGER))
    assert identity(texts, tmp_path) == identity(again, tmp_path) != identity(numbers, tmp_path)


def test_a_call_with_attempts_is_not_looked_up(statuses, tmp_path):
    """It is a call of a run that was cut off, which goes on."""
    statuses("first", cases.numbers, x=1)
    (tmp_path / "lesson" / "second" / "nodes" / "n0" / "attempt-0").mkdir(parents=True)
    assert statuses("second", cases.numbers, x=1) == ["number cut off", "number succeeded"]


@pytest.mark.parametrize("left", ["{", '{"outputs": "/w==", "seconds": 1.0, "run": "first", "task": "n0"}'])
def test_a_damaged_result_is_none(statuses, tmp_path, left):
    statuses("first", cases.numbers, x=1)
    (file,) = (tmp_path / "lesson" / ".cache").glob("*.json")
    file.write_text(left)
    assert statuses("second", cases.numbers, x=1) == ["number succeeded"]
    assert statuses("third", cases.numbers, x=1) == ["number cached"]


def test_a_cache_can_be_forgotten(statuses, tmp_path):
    statuses("first", cases.numbers, x=1)
    statuses("second", cases.numbers, x=2)
    (tmp_path / "lesson" / ".cache" / "notes.json").mkdir()  # of somebody else
    assert forget(tmp_path / "lesson" / ".cache") == "2 cached results forgotten"
    assert statuses("third", cases.numbers, x=1) == ["number succeeded"]
