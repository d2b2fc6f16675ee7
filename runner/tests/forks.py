"""A launcher for the tests of what the harness does around attempts: none of them waits for flytekit's imports.

Here too, Flyte's own entry point runs each attempt in a process of its own; a server that has imported flytekit
forks it. Starting an interpreter instead takes most of the time of such a test. How attempts are started for users
is what test_attempts.py, the image tests and the tests of lessons are about.
"""

import multiprocessing
import os
import runpy
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock

from runner.harness.launchers import Exit, ProcessLauncher, kill_group, wait

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["flytekit.bin.entrypoint"])
# multiprocessing asks after all of its children when it starts one; a status can be read but once.
CHILDREN = Lock()


class Fork:
    """A forked process, with what the harness asks of one."""

    def __init__(self, *arguments: object) -> None:
        self.process = SERVER.Process(target=enter, args=arguments)
        with CHILDREN:
            self.process.start()

    def poll(self) -> int | None:
        with CHILDREN:
            return self.process.exitcode

    def end(self) -> None:
        kill_group(self.process.pid)
        self.process.kill()  # it may not have a group of its own yet
        while self.poll() is None:
            time.sleep(0.01)


class ForkLauncher(ProcessLauncher):
    """Runs each attempt in a process that has flytekit already."""

    def run(self, container, command, environment, folder, seconds, aborted) -> Exit:
        variables = {**os.environ, **environment, "PYTHONPATH": str(self.import_path)}
        fork = Fork(command, variables, folder)
        try:
            reason = wait(fork, seconds, aborted)
        finally:
            fork.end()
        return Exit(fork.poll(), reason)


def enter(command: Sequence[str], variables: Mapping[str, str], folder: Path) -> None:
    """What such a process does: becomes what the process launcher starts, and runs the program."""
    os.setsid()
    os.chdir(folder)
    log = os.open("log.txt", os.O_WRONLY | os.O_CREAT, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()
    os.environ.update(variables)
    sys.path.insert(0, variables["PYTHONPATH"])
    sys.argv = list(command)
    # The script of an entry point lies beside the interpreter.
    runpy.run_path(str(Path(sys.executable).with_name(command[0])), run_name="__main__")
