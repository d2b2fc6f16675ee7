"""Starts attempts as forks of a process that has imported flytekit and the lesson: none waits for imports again.

The driver, the process that walks the graph, forks a server once it has imported everything and before it starts a
thread. For every attempt it hands the server one end of a socket and writes what to start; the server, which has one
thread only, forks. The other end tells how the attempt ended, and that it shall end when it is closed.

A fork is safe on Linux only, where the libraries that lessons use may be forked after they were imported (macOS
forbids it once its frameworks are loaded). It stands for another interpreter's process only if it is the same
interpreter, and what the task sets in its own environment has to be there before the interpreter starts. So an
attempt is a fork if all of this holds (`ForkLauncher.forks`), else a fresh process:

- the system is Linux, and the server lives;
- the image's environment is this process's;
- the command is one of flytekit's entry points for tasks;
- the task sets no environment variables of its own.
"""

import gc
import json
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from runner.harness import child
from runner.harness.launchers import Exit, ProcessLauncher, kill_group, wait

# What the child of a server that died is said to have ended with: a failure of the system, which is tried again.
LOST = -signal.SIGKILL
IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ForkLauncher(ProcessLauncher):
    """Runs tasks of this environment as forks, those of others as fresh processes."""

    def __init__(self, import_path: Path, interpreters: Mapping[str, Path] | None = None):
        super().__init__(import_path, interpreters)
        child.preload()
        self.server = Server() if sys.platform == "linux" else None

    def run(self, container, command, environment, folder, seconds, aborted) -> Exit:
        if not self.forks(container, command):
            return super().run(container, command, environment, folder, seconds, aborted)
        variables = self.variables(environment)
        try:
            fork = self.server.start({"command": list(command), "variables": variables, "folder": str(folder)})
        except OSError:  # the server is gone
            return super().run(container, command, environment, folder, seconds, aborted)
        try:
            reason = wait(fork, seconds, aborted)
        finally:
            result = fork.end()
        if usage := result.get("usage"):
            (folder / "usage.json").write_text(json.dumps(usage))
        return Exit(result["status"], reason)

    def close(self) -> None:
        if self.server:
            self.server.close()

    def forks(self, container, command: Sequence[str]) -> bool:
        """Whether an attempt is a fork: see above."""
        own = {item.key for item in container.env if not item.key.startswith(("FLYTE_INTERNAL_", "_F_"))}
        return bool(
            self.server
            and self.python(container) == Path(sys.executable)
            and command[0] in child.ENTRY_POINTS
            and not own
        )


class Fork:
    """An attempt that runs as a fork, with what the harness asks of a process."""

    def __init__(self, answers: socket.socket):
        self.answers = answers
        self.lines = answers.makefile("r", encoding="utf-8")
        self.pid = json.loads(self.line())["pid"]
        self.result: dict[str, Any] = {}

    def line(self) -> str:
        line = self.lines.readline()
        if not line:
            raise OSError("the server has ended")
        return line

    def wait(self, timeout: float) -> None:
        """Waits for the end; raises TimeoutExpired as a process does."""
        if self.result:
            return
        if not select.select([self.answers], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("fork", timeout)
        try:
            self.result = json.loads(self.line())
        except OSError:
            kill_group(self.pid)  # it has been told to end with the server, what it started has not
            self.result = {"status": LOST}

    def end(self) -> dict[str, Any]:
        """Ends it with all that it started, if it has not ended; returns how it ended."""
        with suppress(OSError):
            self.answers.shutdown(socket.SHUT_WR)
        while not self.result:
            with suppress(subprocess.TimeoutExpired):
                self.wait(10)
        self.lines.close()
        self.answers.close()
        return self.result


class Server:
    """The driver's side of the server."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair()
        gc.freeze()  # what is there now is never swept, so that forks share its memory
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.control.close()
                serve(theirs)
            finally:
                os._exit(1)
        gc.unfreeze()
        theirs.close()

    def close(self) -> None:
        """Ends the server, and what still runs."""
        self.control.close()
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)

    def start(self, request: Mapping[str, Any]) -> Fork:
        """Starts an attempt; raises OSError if the server is gone."""
        mine, theirs = socket.socketpair()
        with theirs:
            mine.sendall(json.dumps(request).encode() + b"\n")
            socket.send_fds(self.control, [b"+"], [theirs.fileno()])
        return Fork(mine)


@dataclass
class Running:
    """An attempt on the server's side."""

    pid: int
    answers: socket.socket
    handle: int


def serve(control: socket.socket) -> NoReturn:
    """What the server does until the driver has ended; then it ends what runs."""
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    # What the driver would do when it ends is not for its forks to do.
    weakref.finalize._registry.clear()
    child.forget_exit_handlers()
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    running: dict[int, Running] = {}
    while True:
        for key, _ in selector.select():
            if key.fileobj is control:
                message, handles, *_ = socket.recv_fds(control, 1, 1)
                if not message:
                    for attempt in running.values():
                        kill(attempt.pid)
                    os._exit(0)
                attempt = begin(socket.socket(fileno=handles[0]), (control, selector))
                running[attempt.handle] = attempt
                selector.register(attempt.handle, selectors.EVENT_READ, attempt)
                selector.register(attempt.answers, selectors.EVENT_READ, attempt)
            elif key.fileobj is key.data.answers:  # closed
                kill(key.data.pid)
                selector.unregister(key.fileobj)
            elif running.pop(key.data.handle, None):
                finish(key.data, selector)


def begin(answers: socket.socket, others: tuple) -> Running:
    """Reads what to start, and forks."""
    with answers.makefile("rb") as lines:
        request = json.loads(lines.readline())
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        answers.close()
        for other in others:
            other.close()
        child.become(server, **request)
    answers.sendall(json.dumps({"pid": pid}).encode() + b"\n")
    return Running(pid, answers, os.pidfd_open(pid))


def finish(attempt: Running, selector: selectors.BaseSelector) -> None:
    """Ends what an attempt that has ended left running, and tells the driver how it ended."""
    kill(attempt.pid)  # before its number can be another's
    _, status, used = os.wait4(attempt.pid, 0)
    usage = {"peak_mb": used.ru_maxrss * 1024 / 1e6, "cpu_seconds": used.ru_utime + used.ru_stime}
    selector.unregister(attempt.handle)
    with suppress(KeyError):
        selector.unregister(attempt.answers)
    with suppress(OSError):  # the driver has gone
        attempt.answers.sendall(
            json.dumps({"status": os.waitstatus_to_exitcode(status), "usage": usage}).encode() + b"\n"
        )
    attempt.answers.close()
    os.close(attempt.handle)


def kill(pid: int) -> None:
    kill_group(pid)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)  # it may not have a group of its own yet
