"""Starts attempts as forks of a process that has imported flytekit and the lesson: none waits for imports again.

The driver, which walks the graph, forks a server once it has imported all that, and before it starts a thread. To
start an attempt it hands the server one end of a socket, and the server, which has a single thread, forks. On the
other end the driver reads how the attempt has ended, and asks for its end by closing its side. When the driver ends,
the server ends every attempt and itself; when the server ends, the kernel ends the attempts.

An attempt is a fork if all of this holds, else a fresh process, which behaves the same and takes seconds longer:

- The system is Linux. On macOS, system libraries must not be used after a fork.
- When the server is forked, this process has imported the lesson and has done nothing else: threads, pools of threads
  in libraries (OpenMP, gRPC) and CUDA do not survive a fork. Ray, Spark's Java and models are started by tasks, in the
  fork. Tests, which call tasks in their own process, fork the server before the first of them runs.
- The environment that stands for the task's image is this one.
- The task sets no environment variables: libraries read some of them when they are imported.
- The command is flytekit's entry point for tasks.
- The server lives.
"""

import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from flyteidl.core.tasks_pb2 import Container

from runner.harness import child, fork_server
from runner.harness.launchers import Exit, ProcessLauncher, kill_group, wait
from runner.records.errors import spared

# How an attempt is said to have ended whose server died: as one that was killed, which is a failure of the system.
LOST = -signal.SIGKILL
# Variables that flytekit sets for every task.
FLYTE = ("FLYTE_INTERNAL_", "_F_")


class ForkLauncher(ProcessLauncher):
    """Runs attempts as forks, and as fresh processes where that is not safe."""

    def __init__(
        self,
        import_path: Path,
        interpreters: Mapping[str, Path] | None = None,
        debug: str = "",
        server: "Server | None" = None,
    ):
        """Takes a server that others use too; without one, forks one of its own."""
        super().__init__(import_path, interpreters, debug)
        self.own = None if server else started()
        self.server = server or self.own

    def run(self, task, command, environment, folder, seconds, aborted) -> Exit:
        with suppress(ConnectionError):  # the server is gone
            if self.forks(task.container, command):
                request = {
                    "command": list(command),
                    "variables": self.variables(task, environment),
                    "folder": str(folder),
                    "terminal": self.debugs(environment),
                }
                return ended(self.server.start(request), folder, self.allowed(seconds, environment), aborted)
        return super().run(task, command, environment, folder, seconds, aborted)

    def forks(self, container: Container, command: Sequence[str]) -> bool:
        """Whether an attempt may be a fork of this server."""
        variables = [item.key for item in container.env if not item.key.startswith(FLYTE)]
        here = self.python(container) == Path(sys.executable)
        return bool(self.server) and here and not variables and command[0] in child.ENTRY_POINTS

    def close(self) -> None:
        if self.own:
            self.own.close()


def started() -> "Server | None":
    """A server; None where this process may not be forked."""
    return Server() if can_fork() else None


def can_fork() -> bool:
    """Whether this process may be forked: see above."""
    others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
    if sys.platform != "linux" or any(not thread.name.endswith(": loop-runner") for thread in others):
        return False  # flytekit's own runs an event loop for a thread, and starts a new thread in a fork
    torch = sys.modules.get("torch")
    if torch and torch.cuda.is_initialized():
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False  # an old kernel, or one that only looks like Linux
    return True


def ended(fork: "Fork", folder: Path, seconds: float | None, aborted) -> Exit:
    """Waits for the end of an attempt, or brings it about; notes what it used in its folder."""
    try:
        reason = wait(fork, seconds, aborted)
    finally:
        result = fork.end()
        if usage := result.get("usage"):
            with spared(f"what the task in {folder} used"):
                (folder / "usage.json").write_text(json.dumps(usage))
    return Exit(result["status"], reason)


class Fork:
    """An attempt that runs as a fork, with what the harness asks of a process."""

    def __init__(self, answers: socket.socket):
        self.answers = answers
        self.lines = answers.makefile("r", encoding="utf-8")
        self.result: dict[str, Any] = {}
        self.pid = self.line()["pid"]

    def line(self) -> dict[str, Any]:
        line = self.lines.readline()
        if not line:
            raise ConnectionError("the server has ended")
        return json.loads(line)

    def wait(self, timeout: float) -> None:
        """Waits for the end; raises TimeoutExpired as a process does."""
        if self.result:
            return
        if not select.select([self.answers], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("fork", timeout)
        try:
            self.result = self.line()
        except ConnectionError:
            kill_group(self.pid)  # the kernel has ended the attempt, but not what the attempt has started
            self.result = {"status": LOST}

    def end(self) -> dict[str, Any]:
        """Ends it with all that it has started, unless it has ended; returns how it ended."""
        with suppress(OSError):
            self.answers.shutdown(socket.SHUT_WR)
        while not self.result:
            with suppress(subprocess.TimeoutExpired):
                self.wait(fork_server.GRACE_SECONDS)
        self.lines.close()
        self.answers.close()
        return self.result


class Server:
    """The server as the driver sees it."""

    def __init__(self) -> None:
        child.preload()
        gc.freeze()  # what the imports made is shared with the forks as long as none of them sweeps it
        self.control, theirs = socket.socketpair()
        with warnings.catch_warnings():
            # Python 3.12 warns of threads. Imports start two kinds, and a fork is safe with both: OpenBLAS makes
            # its pool anew, and the allocator of pyarrow does without its thread.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            try:
                self.control.close()
                fork_server.serve(theirs)
            finally:
                os._exit(1)
        theirs.close()

    def start(self, request: Mapping[str, Any]) -> Fork:
        """Starts an attempt; raises ConnectionError if the server has ended."""
        mine, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.control, [b"+"], [theirs.fileno()])
        mine.sendall(json.dumps(request).encode() + b"\n")
        return Fork(mine)

    def close(self) -> None:
        """Ends the server, and every attempt that still runs."""
        self.control.close()
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
