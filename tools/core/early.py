"""Signals while a program is imported, when nothing has been started yet: an end in one line, without a traceback."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SAME_SECONDS = 1.0


class Once:
    """A handler for which a signal that follows at once is the same one: make passes on what the whole group gets."""

    def __init__(self, handler: Callable[[int, FrameType | None], object]):
        self.handler, self.last = handler, -SAME_SECONDS

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if time.monotonic() - self.last >= SAME_SECONDS:
            self.last = time.monotonic()
            self.handler(number, frame)


def leave_at_once(target: str) -> None:
    """From now on ends this process at a signal: an exception could come out of any import, and be caught there."""

    def leave(number: int, _: object) -> None:
        for ending in ENDING:
            signal.signal(ending, signal.SIG_IGN)
        with suppress(OSError):  # the signal may be that of a terminal that has closed
            os.write(sys.stderr.fileno(), f"\n{target}: interrupted\n".encode())
        os._exit(128 + number)

    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, leave)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)  # see signals_wait, and the Makefile


@contextmanager
def signals_wait() -> Iterator[None]:
    """Blocks signals under `with`, and for the processes that are started there until they unblock them themselves.

    A signal while a process is started would leave that one behind, and Ctrl-C while its Python starts is a traceback.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
