"""One task: retries, timeouts, checkpoints, what it used, and going on after a kill."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import attempt_cases
import cases
import pytest
from flyteidl.core.literals_pb2 import LiteralMap
from flyteidl.core.tasks_pb2 import Resources
from running import HERE, IMAGES, is_running, outcomes

from runner.graph.compiled import compiled
from runner.harness import containers, usage, walk
from runner.harness.attempts import TaskAborted, TaskFailed, keep_attempt, run_task
from runner.harness.calls import SUCCEEDED, Attempt, Call, attempts_in, usage_in
from runner.harness.containers import limits, out_of_memory
from runner.harness.forks import ForkLauncher
from runner.harness.launchers import MEMORY, Exit, ProcessLauncher
from runner.harness.outcomes import read_outcome


@pytest.fixture(params=[ForkLauncher, ProcessLauncher])
def either(request, tmp_path):
    """Runs a workflow with forks, and with fresh processes."""
    with contextlib.closing(request.param(HERE)) as launcher:
        yield lambda workflow, **inputs: walk.execute(workflow, inputs, tmp_path / "run", launcher, IMAGES)


def test_a_recoverable_error_is_tried_again(either):
    execution = either(attempt_cases.recovering)
    assert outcomes(execution) == [
        ("recovers", "recoverable"),
        ("recovers", "recoverable"),
        ("recovers", "succeeded"),
    ]
    assert execution.attempts[0].error.endswith("try 0 is not enough")
    assert list(execution.outputs.values()) == [1]


def test_a_fatal_error_is_not_tried_again_and_nothing_runs_after_it(execute, tmp_path):
    with pytest.raises(TaskFailed, match=r"task breaks \(node n0\) failed in attempt 1, retries=3: .*1 is never right"):
        execute(attempt_cases.fatal)
    assert not (tmp_path / "run" / "n1").exists()


def test_retries_are_used_up(execute):
    with pytest.raises(TaskFailed, match=r"failed in attempt 2, retries=1: .*still not there"):
        execute(attempt_cases.exhausted)


def test_a_timeout_ends_the_attempt_and_is_tried_again(execute):
    execution = execute(attempt_cases.timing_out)
    assert outcomes(execution) == [("late_at_first", "recoverable"), ("late_at_first", "succeeded")]
    assert execution.attempts[0].error == "it took longer than its timeout of 6 s"


def test_the_next_attempt_gets_the_checkpoint_of_one_that_was_killed(execute):
    execution = execute(attempt_cases.checkpointed, upto=6, die_at=4)
    assert outcomes(execution) == [("counts_on", "system failure"), ("counts_on", "succeeded")]
    assert list(execution.outputs.values()) == ["attempt 1 started at 4 and saw 012345"]


def test_a_run_killed_with_sigkill_goes_on_where_it_was(execute, tmp_path):
    # With fresh processes, which outlive it: forks do not.
    file = tmp_path / "go"
    code = (
        "import sys; from pathlib import Path; import attempt_cases; from runner.harness import walk, launchers;"
        "walk.execute(attempt_cases.waiting, {'file': sys.argv[1]}, Path(sys.argv[2]),"
        f" launchers.ProcessLauncher(Path({str(HERE)!r})), {IMAGES!r})"
    )
    first = subprocess.Popen([sys.executable, "-c", code, str(file), str(tmp_path / "run")], cwd=HERE)
    started = Path(f"{file}.started")
    try:
        while not started.exists():
            assert first.poll() is None
            time.sleep(0.05)
        first.kill()
        first.wait()
        orphan = int((tmp_path / "run" / "n1" / "attempt-0" / "pid").read_text())
        os.kill(orphan, 0)  # the task outlived the harness
    finally:
        first.kill()
        file.touch()  # at which the task ends

    execution = execute(attempt_cases.waiting, file=str(file))
    assert outcomes(execution) == [("waits_for", "cut off"), ("waits_for", "succeeded")]
    assert execution.attempts[1].number == 1
    assert list(execution.outputs.values()) == [10]
    assert not is_running(orphan)


def test_a_finished_run_is_not_run_again(execute):
    assert len(execute(attempt_cases.recovering).attempts) == 3
    again = execute(attempt_cases.recovering)
    assert again.attempts == []
    assert list(again.outputs.values()) == [1]


def test_a_task_that_leaves_without_a_result_is_told_with_its_last_words(execute):
    with pytest.raises(TaskFailed, match=r"exit status 3 and no result: about to leave"):
        execute(attempt_cases.leaving)


def test_a_task_that_raises_keyboard_interrupt_is_told_with_its_words(either):
    with pytest.raises(TaskFailed, match=r"task interrupts .* and no result: KeyboardInterrupt: 3 was enough"):
        either(attempt_cases.interrupting)


def test_a_group_of_errors_is_told_with_each_of_them(execute):
    with pytest.raises(TaskFailed, match=r": ExceptionGroup: 3 at once \(2 sub-exceptions\): ") as failed:
        execute(attempt_cases.grouped)
    assert "ValueError: first of two lines; KeyError: 'second'; TypeError: third (log: " in str(failed.value)


def test_limits_of_a_container_are_written_as_docker_reads_them():
    entries = [
        Resources.ResourceEntry(name=Resources.MEMORY, value="800Mi"),
        Resources.ResourceEntry(name=Resources.CPU, value="500m"),
    ]
    assert limits(Resources(limits=entries), 2) == [
        "--memory",
        "838860800",
        "--memory-swap",
        "838860800",
        "--cpus",
        "0.5",
    ]


def test_an_attempt_tells_what_its_task_used_and_what_it_asked_for(either):
    (attempt,) = either(cases.resized).attempts[:1]
    assert attempt.limits == {"memory": "123Mi"}
    # The interpreter and flytekit alone are more than this, and no test machine is so slow as to use an hour.
    assert 20 < attempt.peak_mb < 2000
    assert 0 < attempt.cpu_seconds < 3600


def test_a_task_runs_in_the_environment_that_stands_for_its_image(tmp_path):
    interpreter = tmp_path / "environment" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.write_text('#!/bin/sh\necho "$@" > called\nexit 3\n')
    interpreter.chmod(0o755)
    launcher = ProcessLauncher(HERE, {IMAGES["default"]: interpreter})
    with pytest.raises(TaskFailed, match="exit status 3"):
        walk.execute(attempt_cases.recovering, {}, tmp_path / "run", launcher, IMAGES)
    called = (tmp_path / "run" / "n0" / "attempt-0" / "called").read_text()
    assert f"usage.py usage.json {interpreter} -m runner.harness.child pyflyte-execute" in called


@pytest.mark.parametrize(
    "text",
    ["low 0\nhigh 0\nmax 71\noom 3\noom_kill 2\noom_group_kill 0\n", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"],
    ids=["cgroup version 2", "cgroup version 1"],
)
def test_what_the_kernel_killed_is_counted_where_it_says_so(tmp_path, monkeypatch, text):
    file = tmp_path / "counter"
    file.write_text(text)
    monkeypatch.setattr(usage, "OOM_COUNTERS", (str(tmp_path / "missing"), str(file)))
    assert usage.oom_kills() == 2


def test_a_command_during_which_the_kernel_killed_is_told_as_such(tmp_path, monkeypatch):
    counter, told = tmp_path / "counter", tmp_path / "usage.json"
    counter.write_text("oom_kill 2\n")  # before this command
    monkeypatch.setattr(usage, "OOM_COUNTERS", (str(counter),))
    for command, killed in (("true", 0), (f"echo oom_kill 3 > {counter}; kill -9 $$", 1)):
        assert usage.main(str(told), "sh", "-c", command) == (137 if killed else 0)
        assert json.loads(told.read_text())["oom_kills"] == killed
        assert not killed or out_of_memory("no-such-container", tmp_path)


@pytest.mark.parametrize("text", ["", '{"peak_mb": 1', "[1]", '{"peak_mb": "much"}', "[" * 100_000])
def test_what_a_killed_command_left_of_its_usage_is_not_read(tmp_path, text):
    (tmp_path / "usage.json").write_text(text)
    assert usage_in(tmp_path) == {}


def test_the_name_of_the_user_in_containers_is_written_once_for_all_of_a_run(tmp_path, monkeypatch):
    monkeypatch.setattr(containers, "engine", lambda: containers.Engine(cores=1, rootless=False))
    monkeypatch.setattr(os, "getuid", lambda: 1234)
    options = containers.user(tmp_path / "n0", tmp_path)
    assert f"{tmp_path / 'passwd'}:/etc/passwd:ro" in options
    before = (tmp_path / "passwd").stat()
    assert containers.user(tmp_path / "n1", tmp_path) == options
    after = (tmp_path / "passwd").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert (tmp_path / "passwd").read_text().startswith("flyte:x:1234:")


def test_a_task_past_its_memory_limit_is_told_its_limit_and_the_next_step(tmp_path):
    task = compiled(cases.resized, IMAGES).tasks["cases.double"]
    task.container.resources.limits.add(name=Resources.MEMORY, value="123Mi")
    call = Call(node="n0", task=task, folder=tmp_path, retries=0, seconds=None)
    outcome, error = read_outcome(call, tmp_path, Exit(137, MEMORY))
    assert outcome == "recoverable"  # as on a cluster
    assert error.startswith("out of memory (OOMKilled), limit 123Mi; raise the limit in @task(resources=…), or ")


def test_a_task_that_waits_for_its_turn_is_not_started_after_a_failure_of_another(launcher, tmp_path):
    task = compiled(cases.resized, IMAGES).tasks["cases.double"]
    call = Call(node="n0", task=task, folder=tmp_path, retries=0, seconds=None)
    with pytest.raises(TaskAborted, match="was not started"):
        run_task(call, LiteralMap(), launcher, lambda: True, pytest.fail)
    assert not (tmp_path / "attempt-0").exists()


def test_attempts_of_all_nodes_come_in_the_order_in_which_they_ended(tmp_path):
    for node, moment in (("n0", 200), ("n1", 100)):
        folder = tmp_path / node / "attempt-0"
        folder.mkdir(parents=True)
        keep_attempt(folder, Attempt(node, "task", 0, SUCCEEDED))
        os.utime(folder / "attempt.json", (moment, moment))
    assert [attempt.node for attempt in attempts_in(tmp_path)] == ["n1", "n0"]
