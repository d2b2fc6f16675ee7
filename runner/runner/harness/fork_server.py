"""The process that forks for every attempt: see forks.py.

It has a single thread, and waits for the driver and for the ends of attempts only.
"""

import atexit
import json
import os
import selectors
import signal
import socket
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from runner.harness import child
from runner.harness.launchers import kill_group

# What an attempt may take to clean up once it is interrupted (Ray's processes and files, for example): as long as
# Kubernetes grants a pod.
GRACE_SECONDS = 30
NEVER = float("inf")


@dataclass
class Attempt:
    """An attempt as the server sees it.

    Attributes:
        pid: the fork.
        handle: a file descriptor that can be read once the fork has ended.
        answers: where the driver waits for how it ended, and which the driver closes to have it ended.
        deadline: when it is killed, by the monotonic clock.
    """

    pid: int
    handle: int
    answers: socket.socket
    deadline: float = NEVER


def serve(control: socket.socket) -> NoReturn:
    """What the server does until the driver and every attempt has ended."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # they are for the driver
    # What the driver does when it ends, as to remove its temporary folders, is not for forks to do.
    weakref.finalize._registry.clear()
    atexit._clear()
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    attempts: dict[int, Attempt] = {}
    has_driver = True
    while has_driver or attempts:
        deadline = min((attempt.deadline for attempt in attempts.values()), default=NEVER)
        for key, _ in selector.select(None if deadline == NEVER else max(deadline - time.monotonic(), 0)):
            if key.fileobj is control:
                has_driver = start(selector, control, attempts)
            elif key.fileobj == key.data.handle:
                del attempts[key.data.handle]
                finish(selector, key.data)
            elif attempts.get(key.data.handle) is key.data:  # the driver has closed its side
                selector.unregister(key.fileobj)
                os.kill(key.data.pid, signal.SIGINT)
                key.data.deadline = time.monotonic() + GRACE_SECONDS
        for attempt in attempts.values():
            if attempt.deadline <= time.monotonic():
                kill(attempt.pid)
                attempt.deadline = NEVER
    os._exit(0)


def start(selector: selectors.BaseSelector, control: socket.socket, attempts: dict[int, Attempt]) -> bool:
    """Starts the attempt that the driver asks for; returns whether there is a driver."""
    message, handles, *_ = socket.recv_fds(control, 1, 1)
    if not message:
        selector.unregister(control)
        return False
    answers = socket.socket(fileno=handles[0])
    with answers.makefile("rb") as lines:
        line = lines.readline()
    if line:  # else the driver has ended meanwhile
        attempt = begun(answers, json.loads(line), (control, selector, *(other.answers for other in attempts.values())))
        attempts[attempt.handle] = attempt
        selector.register(attempt.handle, selectors.EVENT_READ, attempt)
        selector.register(answers, selectors.EVENT_READ, attempt)
    return True


def begun(answers: socket.socket, request: dict[str, Any], others: tuple[Any, ...]) -> Attempt:
    """Forks."""
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        for other in (answers, *others):
            other.close()
        child.become(server, **request)
    say(answers, {"pid": pid})
    return Attempt(pid, os.pidfd_open(pid), answers)


def finish(selector: selectors.BaseSelector, attempt: Attempt) -> None:
    """Ends what an attempt that has ended left running, and says how it ended and what it used."""
    kill(attempt.pid)  # while the number is still its own
    _, status, used = os.wait4(attempt.pid, 0)
    usage = {"peak_mb": used.ru_maxrss * 1024 / 1e6, "cpu_seconds": used.ru_utime + used.ru_stime}
    selector.unregister(attempt.handle)
    with suppress(KeyError):
        selector.unregister(attempt.answers)
    say(attempt.answers, {"status": os.waitstatus_to_exitcode(status), "usage": usage})
    attempt.answers.close()
    os.close(attempt.handle)


def say(answers: socket.socket, message: dict[str, Any]) -> None:
    with suppress(OSError):  # the driver has ended
        answers.sendall(json.dumps(message).encode() + b"\n")


def kill(pid: int) -> None:
    kill_group(pid)
    os.kill(pid, signal.SIGKILL)  # it may not have a group of its own yet
