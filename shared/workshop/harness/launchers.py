"""Starts one attempt of a task: its command as a process, or in a container of its image."""

import contextlib
import functools
import hashlib
import json
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

from flyteidl.core.tasks_pb2 import Container, Resources, TaskTemplate
from workshop.harness.raw import folders, is_raw

POLL_SECONDS = 0.02
UNITS = {"": 1, "m": 1e-3, **{unit: 1000**power for power, unit in enumerate("kMGTPE", 1)}}
UNITS |= {f"{unit}i": 1024**power for power, unit in enumerate("KMGTPE", 1)}
ABORTED, TIMEOUT, MEMORY = "aborted", "timeout", "memory"
LABEL = "workshop.harness"
USAGE = Path(__file__).with_name("usage.py")


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

    def run(
        self,
        container: Container,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        seconds: float | None,
        aborted: Callable[[], bool],
    ) -> Exit: ...

    def end_leftover(self, folder: Path) -> None:
        """Ends what a killed run left running for the attempt in `folder`."""


def wait(process: subprocess.Popen, seconds: float | None, aborted: Callable[[], bool]) -> str:
    """Waits for the end of a process; returns "", or why it must be ended."""
    deadline = time.monotonic() + seconds if seconds else None
    while process.poll() is None:
        if aborted():
            return ABORTED
        if deadline and time.monotonic() > deadline:
            return TIMEOUT
        time.sleep(POLL_SECONDS)
    return ""


class ProcessLauncher:
    """Runs tasks in the environment of their image; resources are not limited."""

    def __init__(self, import_path: Path, interpreters: Mapping[str, Path] | None = None):
        """Takes the folder that holds the lesson's package, and the interpreter for each image.

        An image without one is stood for by this interpreter.
        """
        self.import_path = import_path
        self.interpreters = interpreters or {}
        self.slots = BoundedSemaphore(os.cpu_count() or 1)

    def problem(self, task: TaskTemplate) -> str:
        return "a container without Python, which only the image tier runs: make test-image" if is_raw(task) else ""

    def run(self, container, command, environment, folder, seconds, aborted) -> Exit:
        python = self.interpreters.get(container.image, Path(sys.executable))
        variables = {**os.environ, **environment, "PYTHONPATH": str(self.import_path)}
        variables["PATH"] = f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        # The process writes its number itself, so that it is known even if this one is killed meanwhile.
        noted = ["sh", "-c", 'echo $$ > pid && exec "$@"', "sh", str(python), str(USAGE), "usage.json", *command]
        with open(folder / "log.txt", "wb") as log:
            process = subprocess.Popen(noted, env=variables, cwd=folder, stdout=log, stderr=log, start_new_session=True)
            try:
                reason = wait(process, seconds, aborted)
            finally:
                # Also when it has ended by itself: what it started (a JVM, Ray) ends with it.
                kill_group(process.pid)
                process.wait()
        return Exit(process.returncode, reason)

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


class ContainerLauncher:
    """Runs each task in a container of its image with the task's own limits.

    The container has no network and a read-only file system but for /tmp. Of this machine it sees the
    run's folder, to read, and its attempt's, to write, both under their own paths.
    """

    def __init__(self, run_folder: Path):
        self.run_folder = run_folder.resolve()
        self.slots = BoundedSemaphore(engine().cores)

    def problem(self, task: TaskTemplate) -> str:
        return ""

    def name(self, folder: Path) -> str:
        """The container's name; one per attempt, so that a leftover is found again."""
        return f"task-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:20]}"

    def run(self, container, command, environment, folder, seconds, aborted) -> Exit:
        name = self.name(folder)
        options = ["--name", name, "--label", LABEL, "--pull", "never", "--network", "none"]
        options += ["--read-only", "--tmpfs", "/tmp:exec"]
        options += ["--volume", f"{self.run_folder}:{self.run_folder}:ro", "--volume", f"{folder}:{folder}"]
        # Values go by this process's environment: a command line is anybody's to read.
        options += ["--env", "HOME=/tmp", "--env", "USER=flyte"]
        options += [word for key in environment for word in ("--env", key)]
        options += limits(container.resources, engine().cores)
        options += user(folder, self.run_folder)
        if container.data_config.enabled:
            read, written = folders(folder)
            options += ["--volume", f"{read}:{container.data_config.input_path}:ro"]
            options += ["--volume", f"{written}:{container.data_config.output_path}"]
        else:
            options += ["--volume", f"{USAGE}:/usage.py:ro"]
            command = ["python", "/usage.py", str(folder / "usage.json"), *command]
        with open(folder / "log.txt", "wb") as log:
            process = subprocess.Popen(
                ["docker", "run", *options, container.image, *command],
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                reason = wait(process, seconds, aborted)
                if not reason and memory_limit(container) and out_of_memory(name, folder):
                    reason = MEMORY
            finally:
                # There may be no container yet to remove; docker run ends once there was one.
                while process.poll() is None:
                    self.remove(name)
                    time.sleep(POLL_SECONDS)
                self.remove(name)
        return Exit(process.returncode, reason)

    def end_leftover(self, folder: Path) -> None:
        self.remove(self.name(folder))

    @staticmethod
    def remove(name: str) -> None:
        subprocess.run(["docker", "rm", "--force", "--volumes", name], capture_output=True)


@dataclass(frozen=True)
class Engine:
    """What there is to know of Docker's engine, which may be a virtual machine with fewer cores."""

    cores: int
    rootless: bool


@functools.cache
def engine() -> Engine:
    command = ["docker", "info", "--format", "{{.NCPU}} {{.SecurityOptions}}"]
    cores, _, security = subprocess.run(command, capture_output=True, text=True, check=True).stdout.partition(" ")
    return Engine(int(cores), "rootless" in security)


def user(folder: Path, run_folder: Path) -> list[str]:
    """docker's options for a user that may write the attempt's folder."""
    if engine().rootless:
        return ["--user", "0:0"]  # root in there is the user out here
    if os.getuid():
        # An entry in passwd, since some programs (Java, with Hadoop in it) do not start as a user without a name.
        passwd = run_folder / "passwd"
        passwd.write_text(f"flyte:x:{os.getuid()}:{os.getgid()}::/tmp:/usr/sbin/nologin\n")
        return ["--user", f"{os.getuid()}:{os.getgid()}", "--volume", f"{passwd}:/etc/passwd:ro"]
    # The image's own user, which must be let in.
    folder.chmod(0o777)
    for parent in folder.relative_to(run_folder).parents:
        (run_folder / parent).chmod(0o755)
    return []


def memory_limit(container: Container) -> str:
    """The memory that a task may use, as Kubernetes writes it; empty if it has no limit."""
    return next((entry.value for entry in container.resources.limits if entry.name == Resources.MEMORY), "")


def out_of_memory(name: str, folder: Path) -> bool:
    """Whether the kernel ended the container, or a process in it, for exceeding its memory limit.

    The engine misses some of these on cgroup version 2, where it may learn of them too late: so the
    container counts them itself. Only the engine knows when the counting process is killed too.
    """
    usage = folder / "usage.json"
    if usage.exists() and json.loads(usage.read_text())["oom_kills"]:
        return True
    command = ["docker", "inspect", "--format", "{{.State.OOMKilled}}", name]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip() == "true"


def limits(resources: Resources, cores: int) -> list[str]:
    """docker's options for a task's limits; more cores than the engine has would be refused."""
    found = {entry.name: quantity(entry.value) for entry in resources.limits}
    options = []
    if Resources.MEMORY in found:
        memory = str(int(found[Resources.MEMORY]))
        options += ["--memory", memory, "--memory-swap", memory]
    if Resources.CPU in found:
        options += ["--cpus", str(min(found[Resources.CPU], cores))]
    return options


def quantity(text: str) -> float:
    """A number as Kubernetes writes it: 500m is half of one, 800Mi is 800 * 2**20."""
    digits = text.rstrip("mkKMGTPEi")
    return float(digits) * UNITS[text[len(digits) :]]
