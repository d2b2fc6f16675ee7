"""The terminal that a command is started from: the signals by which it ends one, and streams that outlive it."""

import contextlib
import gc
import io
import os
import signal
import sys
import time
from collections.abc import Iterator
from typing import NoReturn, TextIO

SAME_SECONDS = 1.0


def ends() -> list[int]:
    """The signals that end a command; nohup ignores the last."""
    ignored = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([] if ignored else [signal.SIGHUP])]


class Interrupt:
    """Raises KeyboardInterrupt at a signal; one that follows at once is the same one.

    A terminal and `kill` send a signal to a whole group, and then make and the tools pass it on.
    """

    def __init__(self) -> None:
        self.last = -SAME_SECONDS

    def __call__(self, *_: object) -> None:
        if time.monotonic() - self.last >= SAME_SECONDS:
            self.last = time.monotonic()
            raise KeyboardInterrupt


interrupt = Interrupt()


def leave(*_: object) -> NoReturn:
    """Ends this process at once, in one line."""
    for number in ends():
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(OSError):  # the signal may be that of a terminal that has closed
        os.write(2, f"\nmake {sys.argv[1].removeprefix('cluster-')}: interrupted\n".encode())
    os._exit(130)


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Under `with`, where nothing has been started yet, a signal raises nothing: any import might catch it there.

    What imports make stays: to search it for garbage again and again would take a sixth of their time.
    """
    ours = [number for number in ends() if signal.getsignal(number) is interrupt]
    for number in ours:
        signal.signal(number, leave)
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        for number in ours:
            signal.signal(number, interrupt)


class Pipe(io.FileIO):
    """Standard output or error, which may be closed while the command goes on: by `| head`, or with the terminal."""

    def write(self, data: bytes) -> int:
        try:
            return super().write(data) or 0
        except OSError:
            return memoryview(data).nbytes


def lasting_stream(stream: TextIO | None) -> TextIO:
    """A stream that fails neither when nobody reads it, from the start or any more, nor at a character."""
    if stream is None:
        return open(os.devnull, "w")
    try:
        pipe = Pipe(stream.fileno(), "w", closefd=False)
    except (AttributeError, OSError):  # it is no file
        return stream
    return io.TextIOWrapper(io.BufferedWriter(pipe), stream.encoding, "backslashreplace", line_buffering=True)
