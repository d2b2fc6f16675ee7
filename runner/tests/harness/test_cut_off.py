"""Which run `make run` goes on with, and which checkpoint its tasks get."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from recovered_runs import Lesson

from runner import lesson as lessons
from runner.harness.calls import CUT_OFF, RECOVERABLE, Attempt
from runner.harness.commands import previous_checkpoint
from runner.harness.launchers import ABORTED
from runner.records.attempts import SYSTEM
from runner.records.record import EXECUTION, RUN, TEST, save
from runner.records.run_folder import Run, cut_off


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    return Lesson(tmp_path)


@pytest.fixture
def started(lesson) -> Callable[..., Run]:
    """Starts a run of the lesson as `make run` does, without its tasks."""

    def started(**inputs) -> Run:
        facts = lessons.Lesson.read(lesson.folder)
        run = Run.start(facts, facts.entry_point, lesson.out, "make run PROJECT=recovered", inputs, RUN)
        run.nodes.mkdir()
        (run.nodes / "inputs.pb").touch()
        return run

    return started


def found(lesson: Lesson, **inputs) -> str:
    """The run that `make run` goes on with; empty if none."""
    run = cut_off(lessons.Lesson.read(lesson.folder), lesson.out, "make run PROJECT=recovered", inputs)
    return run.record.run if run else ""


def test_only_the_newest_run_of_the_same_inputs_and_code_is_gone_on_with(lesson, started):
    assert found(lesson, x=1) == ""
    run = started(x=1)
    name = run.record.run
    assert found(lesson, x=1) == "", "it still runs"
    del run
    assert found(lesson, x=1) == name
    assert found(lesson, x=2) == ""
    with open(lesson.folder / "recovered_lesson" / "workflow.py", "a") as file:
        file.write("# another line\n")
    assert found(lesson, x=1) == "", "the code has changed"


@pytest.mark.parametrize("status", ["failed", "succeeded"])
def test_a_run_that_has_ended_by_itself_is_not_gone_on_with(lesson, started, status):
    started(x=1)
    time.sleep(1.1)  # names of runs sort by the second
    last = started(x=1)
    last.end(status)
    del last
    assert found(lesson, x=1) == ""


def test_a_run_that_was_killed_before_it_kept_its_inputs_is_not_gone_on_with(lesson, started):
    (started(x=1).nodes / "inputs.pb").unlink()
    assert found(lesson, x=1) == ""


@pytest.mark.parametrize("kind", [TEST, EXECUTION])
def test_a_run_of_a_test_and_one_of_a_cluster_are_not_gone_on_with(lesson, started, kind):
    run = started(x=1)
    run.record.kind = kind
    save(run.record, run.folder)
    del run
    assert found(lesson, x=1) == ""


@pytest.mark.parametrize(
    ("attempts", "handed_on"),
    [
        ([], None),
        ([(SYSTEM, True)], 0),
        ([(SYSTEM, True), (SYSTEM, False)], 1),  # as on a cluster: the one before, though it wrote none
        ([(RECOVERABLE, True), (CUT_OFF, False)], 0),
        ([(RECOVERABLE, True), (CUT_OFF, True)], 1),
        ([(SYSTEM, True), (CUT_OFF, False), (ABORTED, False)], 0),
        ([(CUT_OFF, False)], None),
    ],
)
def test_the_checkpoint_that_is_handed_on(tmp_path, attempts, handed_on):
    for number, (outcome, wrote) in enumerate(attempts):
        folder = tmp_path / f"attempt-{number}"
        folder.mkdir()
        (folder / "attempt.json").write_text(json.dumps(asdict(Attempt("n0", "task", number, outcome))))
        if wrote:
            (folder / "checkpoint").mkdir()
    expected = '""' if handed_on is None else str(tmp_path / f"attempt-{handed_on}" / "checkpoint")
    assert previous_checkpoint(tmp_path / f"attempt-{len(attempts)}", len(attempts)) == expected
