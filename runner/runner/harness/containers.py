"""Starts one attempt of a task in a container of its image, with the task's own limits."""

import functools
import hashlib
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore, Lock

from flyteidl.core.tasks_pb2 import Resources

from runner.harness import spark
from runner.harness.calls import usage_in
from runner.harness.launchers import MEMORY, POLL_SECONDS, USAGE, Exit, Launcher, wait
from runner.harness.quantities import memory_limit, quantity
from runner.harness.raw import folders
from runner.records.files import write_atomically

LABEL = "runner.harness"
PASSWD = Lock()  # held by whoever makes that file of a run


class ContainerLauncher(Launcher):
    """Runs each task in a container of its image with the task's own limits.

    The container has no network and a read-only file system but for /tmp. Of this machine it sees the
    run's folder, to read, and its attempt's, to write, both under their own paths. `code` is a package that is
    not in the image: it is mounted where an image has its lesson's.
    """

    def __init__(self, run_folder: Path, code: Path | None = None):
        self.run_folder = run_folder.resolve()
        self.code = code
        self.slots = BoundedSemaphore(engine().cores)

    def image(self, name: str) -> tuple[str, str]:
        return name, digest(name)

    def name(self, folder: Path) -> str:
        """The container's name; one per attempt, so that a leftover is found again."""
        return f"task-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:20]}"

    def run(self, task, command, environment, folder, seconds, aborted) -> Exit:
        name, container = self.name(folder), task.container
        if spark.is_spark(task):
            command = spark.submission(task, command)
        options = ["--name", name, "--label", LABEL, "--pull", "never", "--network", "none"]
        # Without a network no other name can be looked up, and Java complains when its machine's cannot.
        options += ["--hostname", "localhost", "--read-only", "--tmpfs", "/tmp:exec"]
        options += ["--volume", f"{self.run_folder}:{self.run_folder}:ro", "--volume", f"{folder}:{folder}"]
        if self.code:
            options += ["--volume", f"{self.code}:/app/{self.code.name}:ro"]
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


@functools.cache
def digest(image: str) -> str:
    command = ["docker", "image", "inspect", "--format", "{{.Id}}", image]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def user(folder: Path, run_folder: Path) -> list[str]:
    """docker's options for a user that may write the attempt's folder."""
    if engine().rootless:
        return ["--user", "0:0"]  # root in there is the user out here
    if os.getuid():
        # An entry in passwd, since some programs (Java, with Hadoop in it) do not start as a user without a name.
        passwd = run_folder / "passwd"
        with PASSWD:
            if not passwd.exists():  # else other containers may be reading it
                write_atomically(passwd, f"flyte:x:{os.getuid()}:{os.getgid()}::/tmp:/usr/sbin/nologin\n")
        return ["--user", f"{os.getuid()}:{os.getgid()}", "--volume", f"{passwd}:/etc/passwd:ro"]
    # The image's own user, which must be let in.
    folder.chmod(0o777)
    for parent in folder.relative_to(run_folder).parents:
        (run_folder / parent).chmod(0o755)
    return []


def out_of_memory(name: str, folder: Path) -> bool:
    """Whether the kernel ended the container, or a process in it, for exceeding its memory limit.

    The engine misses some of these on cgroup version 2, where it may learn of them too late: so the
    container counts them itself. Only the engine knows when the counting process is killed too.
    """
    if usage_in(folder).get("oom_kills"):
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
