"""Attempts as forks: what is different from process to process, and that nothing is left, however an attempt ends."""

import contextlib
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import fork_cases as cases
import pytest
from running import HERE, IMAGES, gone, outcomes

from runner.graph.compiled import compiled
from runner.harness import fork_server, walk
from runner.harness.attempts import TaskFailed
from runner.harness.forks import ForkLauncher, can_fork
from runner.harness.launchers import ProcessLauncher
from runner.harness.prints import MOST, printed_in, show
from runner.records.folder_lock import InUse, hold

pytestmark = pytest.mark.skipif(not can_fork(), reason="forks are for Linux")


def started(file: Path) -> int:
    """The number of a process that a task has written into a file; waits up to a minute for it."""
    deadline = time.monotonic() + 60
    while not file.exists() or not file.read_text():
        assert time.monotonic() < deadline, f"{file.name} has not started"
        time.sleep(0.02)
    return int(file.read_text())


def test_what_is_random_differs(execute):
    one, other = execute(cases.drawn_twice).outputs.values()
    assert all(a != b for a, b in zip(one, other, strict=True))


def test_a_task_with_variables_of_its_own_is_a_fresh_process(execute):
    assert list(execute(cases.started).outputs.values()) == ["fork", "fresh process with 1"]


def test_another_interpreter_is_a_fresh_process(launcher):
    container = compiled(cases.leaving, IMAGES).tasks["fork_cases.leaves"].container
    assert launcher.forks(container, ["pyflyte-execute"])
    assert not launcher.forks(container, ["spark-submit"])
    launcher.interpreters = {container.image: Path("/other/bin/python")}  # this launcher is the test's own
    assert not launcher.forks(container, ["pyflyte-execute"])


def test_no_fork_is_made_of_a_process_with_threads_or_of_another_system(monkeypatch):
    event = threading.Event()
    thread = threading.Thread(target=event.wait)
    thread.start()
    assert not can_fork()
    event.set()
    thread.join()
    assert can_fork()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not can_fork()


def test_what_a_task_has_started_ends_with_it(execute, tmp_path):
    execute(cases.leaving, file=str(tmp_path / "child"))
    assert gone(started(tmp_path / "child"))


def test_an_aborted_task_that_does_not_listen_is_killed_with_what_it_has_started(monkeypatch, request, tmp_path):
    monkeypatch.setattr(fork_server, "GRACE_SECONDS", 0.5)
    launcher = request.getfixturevalue("own_launcher")
    with pytest.raises(TaskFailed, match="on purpose"):
        walk.execute(cases.hanging, {"folder": str(tmp_path)}, tmp_path / "run", launcher, IMAGES)
    assert gone(started(tmp_path / "task"))
    assert gone(started(tmp_path / "child"))


def test_an_aborted_task_may_clean_up(execute, tmp_path):
    with pytest.raises(TaskFailed, match="on purpose"):
        execute(cases.cleaning, folder=str(tmp_path))
    assert (tmp_path / "cleaned").exists()


def test_when_the_server_dies_the_attempt_is_made_again_as_a_fresh_process(own_launcher, tmp_path):
    inputs = {"file": str(tmp_path / "child")}
    execution = walk.execute(cases.ending_server, inputs, tmp_path / "run", own_launcher, IMAGES)
    assert outcomes(execution) == [("ends_server", "system failure"), ("ends_server", "succeeded")]
    assert list(execution.outputs.values()) == ["fresh process"]
    assert gone(started(tmp_path / "child"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_the_driver_ends(number, tmp_path):
    code = (
        "import signal, sys; from pathlib import Path; import fork_cases;"
        "from runner.harness import fork_server, forks, walk; fork_server.GRACE_SECONDS = 0.5;"
        "signal.signal(signal.SIGTERM, signal.default_int_handler);"
        f"launcher = forks.ForkLauncher(Path({str(HERE)!r}));"
        "Path(sys.argv[1], 'server').write_text(str(launcher.server.pid));"
        "inputs, run = {'folder': sys.argv[1]}, Path(sys.argv[1], 'run');"
        f"walk.execute(fork_cases.hanging_alone, inputs, run, launcher, {IMAGES!r})"
    )
    driver = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=HERE, stderr=subprocess.DEVNULL)
    try:
        found = [started(tmp_path / name) for name in ("task", "child", "server")]
        driver.send_signal(number)
        driver.wait(timeout=60)
    finally:
        driver.kill()
        driver.wait()
    assert [pid for pid in found if not gone(pid)] == []


def test_a_fork_does_not_keep_the_lock_of_a_run(tmp_path):
    lock = hold(tmp_path)
    with contextlib.closing(ForkLauncher(HERE)):
        lock.close()
        free = False
        for _ in range(600):  # the server closes it as soon as it gets to run
            with contextlib.suppress(InUse):
                hold(tmp_path).close()
                free = True
                break
            time.sleep(0.05)
        assert free


def test_decks_warnings_and_what_is_printed_are_kept(execute, tmp_path, capsys):
    (attempt,) = execute(cases.telling, x=6).attempts
    assert "Tab 5" in Path(attempt.deck).read_text()
    assert attempt.warnings == ["more than one line"]
    assert printed_in(Path(attempt.deck).parent) == ["printed", "by a child"]
    show(attempt, ["printed"])
    assert capsys.readouterr().out.splitlines()[1:] == [f"{'':11}| printed", f"{'':11}warning: more than one line"]


def test_a_fresh_process_keeps_them_too(tmp_path):
    (attempt,) = walk.execute(cases.telling, {"x": 1}, tmp_path, ProcessLauncher(HERE), IMAGES).attempts
    assert attempt.warnings == ["more than one line"]
    assert printed_in(Path(attempt.deck).parent) == ["printed", "by a child"]


def test_of_many_lines_the_last_are_shown(tmp_path):
    (tmp_path / "log.txt").write_text("".join(f"{number}\n" for number in range(MOST + 5)))
    first, *lines = printed_in(tmp_path)
    assert first == f"(5 more lines: {tmp_path / 'log.txt'})"
    assert lines == [str(number) for number in range(5, MOST + 5)]


def test_a_package_whose_import_flytekit_defers_is_imported_whole():
    code = "from runner.harness import child; child.preload(); import pandas; pandas.core.dtypes"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_task_ends_as_a_process_does(execute, tmp_path):
    execute(cases.exiting)
    assert (tmp_path / "run" / "n0" / "attempt-0" / "late.txt").read_text() == "thread exit"
