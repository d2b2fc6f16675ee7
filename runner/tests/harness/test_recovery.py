"""Runs that ended too early: what goes on with them, what recovers them, and what is run again then."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import attempt_cases
import pytest
from running import outcomes

from runner import lesson as lessons
from runner.harness.calls import CUT_OFF, RECOVERABLE, Attempt
from runner.harness.commands import previous_checkpoint
from runner.harness.launchers import ABORTED
from runner.records.attempts import SYSTEM
from runner.records.folder_lock import hold
from runner.records.record import RUN
from runner.records.run_folder import Run, cut_off

LESSON = Path(__file__).parents[1] / "recovered"
IMAGES = json.dumps({"default": {"reference": "localhost:30000/recovered:1"}})


class Lesson:
    """The lesson in a folder of its own, and its runs."""

    def __init__(self, folder: Path):
        self.folder = shutil.copytree(LESSON, folder / "recovered")
        self.out = folder / "out"
        self.service = folder / "service"

    def start(self, *words: str, verb: str = "run", **environment: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "runner", verb, str(self.folder), str(self.out), IMAGES, *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=os.environ | environment, **pipes)

    def run(self, *words: str, **environment: str) -> tuple[int, str, str]:
        """Status, output and errors of `make run`, which is impatient by default."""
        process = self.start("--service", str(self.service), *words, **environment)
        output, errors = process.communicate()
        return process.returncode, output, errors

    def recover(self, *words: str) -> tuple[int, str, str]:
        process = self.start(*words, verb="recover")
        output, errors = process.communicate()
        return process.returncode, output, errors

    def ended_by(self, number: int) -> None:
        """Starts a patient run and sends it a signal while it waits for the service."""
        process = self.start("--service", str(self.service), "--patient", "1")
        started = Path(f"{self.service}.started")
        while not started.exists():
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        started.unlink()
        process.send_signal(number)
        process.communicate()

    def records(self) -> list[dict]:
        """The records of all runs, the oldest first."""
        return [json.loads(file.read_text()) for file in sorted(self.out.glob("recovered/*/record.json"))]

    def tasks(self) -> list[tuple[str, str]]:
        """What the record of the only run says of its tasks, but for the two halves."""
        (record,) = self.records()
        return [(task["name"], task["status"]) for task in record["tasks"] if not task["name"].startswith("half")]


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    return Lesson(tmp_path)


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        (signal.SIGKILL, "cut off"),
        (signal.SIGINT, "aborted"),
        (signal.SIGTERM, "aborted"),
        (signal.SIGHUP, "aborted"),
    ],
)
def test_a_run_that_was_cut_off_is_gone_on_with(lesson, number, outcome):
    lesson.ended_by(number)
    (before,) = lesson.records()
    assert before["status"] == ("running" if number == signal.SIGKILL else "interrupted")

    lesson.service.touch()
    status, output, errors = lesson.run("--patient", "1")
    assert (status, errors) == (0, "")
    assert f"resuming run {before['run']}, which was interrupted (NEW=1 starts a new run)" in output.splitlines()
    # The checkpoint has been handed on: the attempts 0 and 1 have written into it.
    assert "story: 01 of 8, closed" in output.splitlines()
    assert lesson.tasks() == [
        ("prepare", "succeeded"),
        ("ask", outcome),
        ("ask", "succeeded"),
        ("close", "succeeded"),
    ]
    (record,) = lesson.records()
    assert (record["status"], record["started"]) == ("succeeded", before["started"])
    assert record["continued"][0].endswith(f"make run PROJECT=recovered ARGS='--service {lesson.service} --patient 1'")
    assert "Resumed at" in (lesson.out / "recovered" / record["run"] / "index.html").read_text()


def test_a_new_run_is_started_on_demand(lesson):
    lesson.ended_by(signal.SIGKILL)
    lesson.service.touch()
    assert lesson.run("--patient", "1", NEW="1")[0] == 0
    assert [record["status"] for record in lesson.records()] == ["running", "succeeded"]


@pytest.mark.parametrize("name", ["attempt.json", "outputs.pb"])
@pytest.mark.parametrize("left", [b"", b"{", b"\xff\xff\xff", None], ids=["empty", "a part", "nonsense", "nothing"])
def test_a_task_whose_result_was_damaged_is_run_again(execute, tmp_path, name, left):
    attempts = tmp_path / "run" / "n0"
    assert list(execute(attempt_cases.recovering).outputs.values()) == [1]
    if left is None:
        (attempts / "attempt-2" / name).unlink()
    else:
        (attempts / "attempt-2" / name).write_bytes(left)
    execution = execute(attempt_cases.recovering)
    assert list(execution.outputs.values()) == [1]
    assert outcomes(execution) == [("recovers", "cut off"), ("recovers", "succeeded")]
    assert list(execute(attempt_cases.recovering).outputs.values()) == [1], "and no third time"
    assert not (attempts / "attempt-4").exists()


def test_a_run_whose_inputs_are_damaged_is_one_line_with_the_next_step(lesson):
    lesson.ended_by(signal.SIGKILL)
    lesson.service.touch()
    (run,) = lesson.out.glob("recovered/*/nodes")
    (run / "inputs.pb").write_bytes(b"\xff\xff\xff")
    status, _, errors = lesson.run("--patient", "1")
    assert status == 2
    assert errors.startswith(
        f"make run: {run / 'inputs.pb'} is damaged, so this run cannot go on; start a new one: NEW=1"
    )


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


def test_recovering_runs_what_had_failed_or_not_started_and_nothing_else(lesson):
    status, _, errors = lesson.run()
    assert status == 1
    assert "the service does not answer" in errors
    failed = lesson.tasks()
    assert failed == [("prepare", "succeeded"), ("ask", "recoverable"), ("ask", "recoverable")]

    # Retries are counted afresh each time.
    assert lesson.recover()[0] == 1
    failed += [("ask", "recoverable")] * 2
    assert lesson.tasks() == failed

    lesson.service.touch()
    (before,) = lesson.records()
    status, output, errors = lesson.recover()
    assert (status, errors) == (0, "")
    assert f"recovering run {before['run']}" in output
    # Attempts are counted afresh too, and the checkpoint is handed on.
    assert "story: 01010 of 8, closed" in output.splitlines()
    assert lesson.tasks() == [*failed, ("ask", "succeeded"), ("close", "succeeded")]
    # A member of a map task that succeeded as a whole is not run again, though the member failed.
    (record,) = lesson.records()
    assert [task["id"] for task in record["tasks"]].count("n0/1") == 1
    assert record["outputs"]["halves"] == "[1, None]"


def test_a_run_that_was_killed_can_be_recovered_by_its_name(lesson):
    lesson.ended_by(signal.SIGKILL)
    lesson.service.touch()
    (record,) = lesson.records()
    assert lesson.recover(record["run"])[0] == 0
    assert lesson.tasks()[1:] == [("ask", "cut off"), ("ask", "succeeded"), ("close", "succeeded")]


def test_what_cannot_be_recovered_is_one_line(lesson):
    def refused(*words: str) -> str:
        status, output, errors = lesson.recover(*words)
        assert (status, output, errors.count("\n")) == (2, "", 1)
        return errors.strip()

    nothing = "make recover: no run of recovered has failed; start one: make run PROJECT=recovered"
    assert refused() == nothing
    lesson.service.touch()
    lesson.run()
    assert refused() == nothing
    (record,) = lesson.records()
    assert refused(record["run"]).startswith(f"make recover: run {record['run']} has succeeded, there is nothing")
    assert refused("x") == "make recover: there is no run 'x' of recovered; the runs to recover are: none"

    lesson.service.unlink()
    lesson.run()
    failed = lesson.records()[-1]["run"]
    assert refused("x").endswith(f"the runs to recover are: {failed}")
    folder = lesson.out / "recovered" / failed
    with hold(folder):
        assert refused() == f"make recover: {folder} is still being run by another process"
    with open(lesson.folder / "recovered_lesson" / "workflow.py", "a") as file:
        file.write("# another line\n")
    assert refused().startswith(f"make recover: code or packages have changed since run {failed}; start anew: make run")


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
