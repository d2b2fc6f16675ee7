"""The processes and files of a Ray cluster end with the run, however the run ends."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ray_lesson.own_cluster import own_cluster

SECONDS = 300
LESSON = Path(__file__).parents[1]
CLUSTER = ("gcs_server", "raylet")
AT_WORK = (*CLUSTER, "ray::score")


def processes() -> dict[int, tuple[int, str]]:
    """Returns the parent and the command of every process of this machine that has not ended."""
    command = ["ps", "-Awwo", "pid=,ppid=,stat=,command="]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = (line.split(None, 3) for line in lines)
    return {int(pid): (int(parent), "".join(rest)) for pid, parent, state, *rest in rows if not state.startswith("Z")}


def below(pid: int) -> dict[int, str]:
    """Returns the commands of all descendants of a process, by process id."""
    found, everyone = {pid}, processes()
    while more := {child for child, (parent, _) in everyone.items() if parent in found} - found:
        found |= more
    return {child: everyone[child][1] for child in found - {pid}}


def still_there(seen: set[int]) -> list[str]:
    """Waits up to ten seconds for the processes to end, and returns the commands of those that still run."""
    deadline = time.monotonic() + 10
    while (left := seen & processes().keys()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return [command for pid, (_, command) in processes().items() if pid in left]


class Started:
    """A run of the lesson, started as `make run` starts it, with its own TMPDIR and HOME."""

    def __init__(self, folder: Path, *words: str):
        self.folder = folder
        # The run must not use the cluster and the token of the tests.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
        self.log = folder / "log.txt"
        self.seen: set[int] = set()
        self.commands: set[str] = set()
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "runner", "run", LESSON, folder / "out", "{}", *words],
                env=environment | {"TMPDIR": str(folder), "HOME": str(folder)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def look(self) -> None:
        """Records the processes that the run has started."""
        found = below(self.process.pid)
        self.seen |= found.keys()
        self.commands |= set(found.values())

    def has_started(self, *names: str) -> bool:
        return all(any(name in command for command in self.commands) for name in names)

    def ended(self) -> bool:
        return self.process.poll() is not None

    def files_of_ray(self) -> list[Path]:
        return [*self.folder.glob("ray*"), *self.folder.glob(".ray*")]


def watch(*runs: Started, until: Callable[[], bool]) -> None:
    """Records the processes that the runs start, until the condition holds."""
    deadline = time.monotonic() + SECONDS
    while not until():
        for run in runs:
            run.look()
        assert time.monotonic() < deadline, f"not within {SECONDS} s: {[run.log.read_text() for run in runs]}"
        time.sleep(0.3)  # ps takes a while itself


@pytest.fixture
def start() -> Iterator[Callable[..., Started]]:
    """Starts runs. Each has a folder whose path is as short as that of the TMPDIR of `make run`."""
    with tempfile.TemporaryDirectory(prefix="lesson-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        runs: list[Started] = []

        def start(*words: str) -> Started:
            own = Path(folder, str(len(runs)))
            own.mkdir()
            runs.append(Started(own, *words))
            return runs[-1]

        yield start
        for run in runs:
            run.process.kill()
            run.process.wait()


def test_two_runs_at_a_time_have_a_cluster_each_and_leave_nothing(start):
    runs = [start("--trials", "4"), start("--trials", "4", "--seed", "7")]
    watch(*runs, until=lambda: all(run.ended() for run in runs))
    for run in runs:
        assert run.process.returncode == 0, run.log.read_text()
        assert "same_as_serial: True" in run.log.read_text()
        assert run.has_started(*CLUSTER)
        assert still_there(run.seen) == []
        assert run.files_of_ray() == []


def test_a_run_that_fails_leaves_nothing(start):
    run = start("--folds", "1")
    watch(run, until=run.ended)
    assert run.process.returncode == 1
    assert still_there(run.seen) == []
    assert run.files_of_ray() == []
    error = next(line for line in run.log.read_text().splitlines() if line.startswith("make run:"))
    # Either of the two tasks that run side by side fails first, and the second task is ended.
    assert re.match(r"make run: task score_\w+ \(node n\d\) failed in attempt 1, .*: ValueError: k-fold", error)


@pytest.mark.parametrize("when", [("gcs_server",), AT_WORK], ids=["in the start of the cluster", "at work"])
def test_ctrl_c_leaves_nothing(start, when):
    run = start("--trials", "1000")
    watch(run, until=lambda: run.has_started(*when))
    os.killpg(run.process.pid, signal.SIGINT)
    watch(run, until=run.ended)
    assert run.process.returncode == 130, run.log.read_text()
    assert still_there(run.seen) == []
    assert run.files_of_ray() == []


@pytest.mark.skipif(sys.platform != "linux", reason="Linux ends the children of a process that was killed")
def test_a_killed_run_takes_its_cluster_along(start):
    run = start("--trials", "1000")
    watch(run, until=lambda: run.has_started(*AT_WORK))
    run.process.kill()
    run.process.wait()
    # These two processes notice within a minute that their cluster has ended, and then end themselves.
    assert set(still_there(run.seen)) <= {"ray::DashboardAgent", "ray::RuntimeEnvAgent"}


def test_a_test_leaves_nothing():
    before = below(os.getpid()).keys()
    with own_cluster(cores=1):
        started = {pid: command for pid, command in below(os.getpid()).items() if pid not in before}
    assert all(any(name in command for command in started.values()) for name in CLUSTER)
    assert still_there(set(started)) == []
