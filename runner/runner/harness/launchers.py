"""Starts one attempt of a task: what any launcher does, and the one that starts a process."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Protocol

from flyteidl.core.tasks_pb2 import Container, TaskTemplate

from runner.harness import spark
from runner.harness.child import ENTRY_POINTS
from runner.harness.raw import is_raw
from runner.records.record import short_name

POLL_SECONDS = 0.02
ABORTED, TIMEOUT, MEMORY = "aborted", "timeout", "memory"
USAGE = Path(__file__).with_name("usage.py")
Environment = Mapping[str, str]


@dataclass(frozen=True)
class Exit:
    """How a process ended; `reason` is set when it was ended from outside: ABORTED, TIMEOUT or MEMORY."""

    status: int
    reason: str = ""


class Launcher(Protocol):
    """Runs the command of an attempt to its end, within `seconds` unless that is None.

    `slots` bounds how many attempts run at a time, wherever in the graph they are.
    """

    slots: BoundedSemaphore

    def problem(self, task: TaskTemplate) -> str:
        """Why this launcher cannot run a task; empty if it can."""
        return ""

    def image(self, name: str) -> tuple[str, str]:
        """The image in which a task of that image runs, and its digest; both empty where there is no container."""
        return "", ""

    def run(
        self,
        task: TaskTemplate,
        command: Sequence[str],
        environment: Environment,
        folder: Path,
        seconds: float | None,
        aborted: Callable[[], bool],
    ) -> Exit: ...

    def end_leftover(self, folder: Path) -> None:
        """Ends what a killed run left running for the attempt in `folder`."""


def wait(process: subprocess.Popen, seconds: float | None, aborted: Callable[[], bool]) -> str:
    """Waits for the end of a process; returns "", or why it must be ended."""
    deadline = time.monotonic() + seconds if seconds else None
    while True:
        try:
            process.wait(timeout=POLL_SECONDS)
            return ""
        except subprocess.TimeoutExpired:
            if aborted():
                return ABORTED
            if deadline and time.monotonic() > deadline:
                return TIMEOUT


class ProcessLauncher(Launcher):
    """Runs tasks in the environment of their image; resources are not limited."""

    def __init__(self, import_path: Path, interpreters: Mapping[str, Path] | None = None, debug: str = ""):
        """Takes the folder that holds the lesson's package, and the interpreter for each image.

        An image without one is stood for by this interpreter. The task called `debug` reads from and prints to the
        terminal, without a timeout; then tasks run one after another.
        """
        self.import_path = import_path
        self.interpreters = interpreters or {}
        self.debug = debug
        self.slots = BoundedSemaphore(1 if debug else os.cpu_count() or 1)

    def problem(self, task: TaskTemplate) -> str:
        return "a container without Python, which only the image tier runs: make test-image" if is_raw(task) else ""

    def run(self, task, command, environment, folder, seconds, aborted) -> Exit:
        python = self.python(task.container)
        if command[0] in ENTRY_POINTS:
            command = [str(python), "-m", "runner.harness.child", *command]
        # The process writes its number itself, so that it is known even if this one is killed meanwhile.
        noted = ["sh", "-c", 'echo $$ > pid && exec "$@"', "sh", str(python), str(USAGE), "usage.json", *command]
        with open(folder / "log.txt", "wb") as log:
            terminal = self.debugs(environment)
            process = subprocess.Popen(
                noted,
                env=self.variables(task, environment),
                cwd=folder,
                stdin=None if terminal else subprocess.DEVNULL,
                stdout=None if terminal else log,
                stderr=None if terminal else log,
                start_new_session=True,
            )
            try:
                reason = wait(process, self.allowed(seconds, environment), aborted)
            finally:
                # Also when nothing stopped it: what it started (a JVM, Ray) ends with it.
                kill_group(process.pid)
                process.wait()
        return Exit(process.returncode, reason)

    def close(self) -> None:
        """Ends what the launcher itself has started."""

    def python(self, container: Container) -> Path:
        """The interpreter of the environment that stands for a container's image."""
        return self.interpreters.get(container.image, Path(sys.executable))

    def variables(self, task: TaskTemplate, environment: Environment) -> dict[str, str]:
        """The environment variables of an attempt: those of this process, and its own, `environment`."""
        variables = {**os.environ, **environment, "PYTHONPATH": str(self.import_path)}
        if spark.is_spark(task):
            variables |= spark.submit_arguments(task)
        variables["PATH"] = f"{self.python(task.container).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return variables

    def debugs(self, environment: Environment) -> bool:
        """Whether an attempt is of the task that is debugged."""
        return bool(self.debug) and short_name(environment["FLYTE_INTERNAL_TASK_NAME"]) == self.debug

    def allowed(self, seconds: float | None, environment: Environment) -> float | None:
        """The timeout of an attempt: whoever debugs a task takes their time."""
        return None if self.debugs(environment) else seconds

    def end_leftover(self, folder: Path) -> None:
        file = folder / "pid"
        if not file.exists() or not (pid := file.read_text().strip()):
            return
        # The number may be another process's by now; a leftover names the attempt's folder.
        shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", pid], capture_output=True, text=True).stdout
        if str(folder) in shown:
            kill_group(int(pid))


def kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
