"""The terminal that a command is started from: the signals by which it ends one, and streams that outlive it."""

import io
import signal
from typing import TextIO


def ends() -> list[int]:
    """The signals that end a command; nohup ignores the last."""
    ignored = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([] if ignored else [signal.SIGHUP])]


class Pipe(io.FileIO):
    """Standard output or error, which may be closed while the command goes on: by `| head`, or with the terminal."""

    def write(self, data: bytes) -> int:
        try:
            return super().write(data) or 0
        except OSError:
            return memoryview(data).nbytes


def lasting_stream(stream: TextIO | None) -> TextIO | None:
    """A stream that fails neither when nobody reads it any more nor at a character that it cannot encode."""
    try:
        pipe = Pipe(stream.fileno(), "w", closefd=False)
    except (AttributeError, OSError):  # it was closed from the start, or is no file
        return stream
    return io.TextIOWrapper(io.BufferedWriter(pipe), stream.encoding, "backslashreplace", line_buffering=True)
