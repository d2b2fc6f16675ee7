"""Runs that ended too early: what goes on with them, what recovers them, and what is run again then."""

import signal
from pathlib import Path

import attempt_cases
import pytest
from recovered_runs import Lesson
from running import outcomes

from runner.harness.attempts import TaskFailed
from runner.records.folder_lock import hold


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
    assert "Resumed 20" in (lesson.out / "recovered" / record["run"] / "index.html").read_text()


@pytest.mark.parametrize("left", [b"", b"\xff\xff\xff"], ids=["empty", "nonsense"])
def test_damaged_inputs_of_a_task_are_written_again(execute, tmp_path, left):
    execute(attempt_cases.recovering)
    node = tmp_path / "run" / "n0"
    inputs = (node / "inputs.pb").read_bytes()
    (node / "inputs.pb").write_bytes(left)
    assert list(execute(attempt_cases.recovering).outputs.values()) == [1]
    assert (node / "inputs.pb").read_bytes() == inputs


def test_an_attempt_that_was_cut_off_costs_no_retry(execute, tmp_path):
    folder = tmp_path / "run" / "n0" / "attempt-0"
    folder.mkdir(parents=True)
    with pytest.raises(TaskFailed, match="failed in attempt 3, retries=1: "):
        execute(attempt_cases.exhausted)
    assert (folder / "attempt.json").exists()


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
