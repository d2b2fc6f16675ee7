"""Starts one attempt of a task: its command as a process, or in a container of its image."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from flyteidl.core.tasks_pb2 import Container, Resources

POLL_SECONDS = 0.02
UNITS = {"": 1, "m": 1e-3, **{unit: 1000**power for power, unit in enumerate("kMGTPE", 1)}}
UNITS |= {f"{unit}i": 1024**power for power, unit in enumerate("KMGTPE", 1)}


@dataclass(frozen=True)
class Exit:
    """How a process ended; `reason` is set when it was ended from outside: timeout, cancelled or memory."""

    status: int
    reason: str = ""


class Launcher(Protocol):
    """Runs the command of an attempt to its end, within `seconds` unless that is None."""

    def run(
        self,
        container: Container,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        seconds: float | None,
        cancelled: Callable[[], bool],
    ) -> Exit: ...

    def end_leftover(self, folder: Path) -> None:
        """Ends what a killed run left running for the attempt in `folder`."""


def wait(process: subprocess.Popen, seconds: float | None, cancelled: Callable[[], bool]) -> str:
    """Waits for the end of a process; returns "", or why it must be ended."""
    deadline = time.monotonic() + seconds if seconds else None
    while process.poll() is None:
        if cancelled():
            return "cancelled"
        if deadline and time.monotonic() > deadline:
            return "timeout"
        time.sleep(POLL_SECONDS)
    return ""


class ProcessLauncher:
    """Runs tasks in this interpreter's environment; resources are not limited."""

    def __init__(self, import_path: Path):
        """`import_path` is the folder that holds the lesson's package."""
        self.import_path = import_path

    def run(self, container, command, environment, folder, seconds, cancelled) -> Exit:
        variables = {**os.environ, **environment, "PYTHONPATH": str(self.import_path)}
        variables["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        with open(folder / "log.txt", "wb") as log:
            process = subprocess.Popen(
                command, env=variables, cwd=folder, stdout=log, stderr=log, start_new_session=True
            )
            try:
                (folder / "pid").write_text(str(process.pid))
                reason = wait(process, seconds, cancelled)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        return Exit(process.returncode, reason)

    def end_leftover(self, folder: Path) -> None:
        file = folder / "pid"
        if not file.exists():
            return
        pid = file.read_text()
        # The number may be another process's by now; a leftover names the attempt's folder.
        shown = subprocess.run(["ps", "-o", "command=", "-p", pid], capture_output=True, text=True).stdout
        if str(folder) in shown:
            os.killpg(int(pid), signal.SIGKILL)


class ContainerLauncher:
    """Runs each task in a container of its image with the task's own limits.

    The container has no network, a read-only root file system but for /tmp, and sees of this machine
    only the run's folder, under the same path.
    """

    def __init__(self, run_folder: Path):
        self.run_folder = run_folder.resolve()

    def name(self, folder: Path) -> str:
        """The container's name; one per attempt, so that a leftover is found again."""
        return "-".join(("task", self.run_folder.name, *folder.relative_to(self.run_folder).parts)).replace(" ", "_")

    def run(self, container, command, environment, folder, seconds, cancelled) -> Exit:
        name = self.name(folder)
        options = ["--name", name, "--network", "none", "--read-only", "--tmpfs", "/tmp:exec"]
        options += ["--volume", f"{self.run_folder}:{self.run_folder}", "--env", "HOME=/tmp"]
        options += [word for key, value in environment.items() for word in ("--env", f"{key}={value}")]
        options += limits(container.resources)
        if os.getuid():
            # Files are then the user's own, and the image proves that it runs as any user.
            options += ["--user", f"{os.getuid()}:{os.getgid()}"]
        else:
            share_with_any_user(folder, self.run_folder)
        with open(folder / "log.txt", "wb") as log:
            process = subprocess.Popen(
                ["docker", "run", *options, container.image, *command], stdout=log, stderr=log, start_new_session=True
            )
            try:
                reason = wait(process, seconds, cancelled)
                if not reason and out_of_memory(name):
                    reason = "memory"
            finally:
                self.remove(name)
                process.wait()
        return Exit(process.returncode, reason)

    def end_leftover(self, folder: Path) -> None:
        self.remove(self.name(folder))

    @staticmethod
    def remove(name: str) -> None:
        subprocess.run(["docker", "rm", "--force", "--volumes", name], capture_output=True)


def out_of_memory(name: str) -> bool:
    """Whether the kernel ended the container for exceeding its memory limit."""
    command = ["docker", "inspect", "--format", "{{.State.OOMKilled}}", name]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip() == "true"


def limits(resources: Resources) -> list[str]:
    """docker's options for a task's limits."""
    found = {entry.name: quantity(entry.value) for entry in resources.limits}
    options = []
    if Resources.MEMORY in found:
        memory = str(int(found[Resources.MEMORY]))
        options += ["--memory", memory, "--memory-swap", memory]
    if Resources.CPU in found:
        # More cores than the machine has would be refused.
        options += ["--cpus", str(min(float(found[Resources.CPU]), os.cpu_count() or 1))]
    return options


def quantity(text: str) -> float:
    """A number as Kubernetes writes it: 500m is half of one, 800Mi is 800 * 2**20."""
    digits = text.rstrip("mkKMGTPEi")
    return float(digits) * UNITS[text[len(digits) :]]


def share_with_any_user(folder: Path, run_folder: Path) -> None:
    """Lets the image's own user write the attempt, and read what other attempts wrote."""
    folder.chmod(0o777)
    for parent in [*folder.relative_to(run_folder).parents]:
        (run_folder / parent).chmod(0o755)
