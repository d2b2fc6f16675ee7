"""Standard output that outlives its reader: `make runs | head` ends nothing when head has seen enough."""

import io
import os
from typing import TextIO


class Lasting(io.TextIOWrapper):
    """Standard output that prints to nowhere once nobody reads it."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except BrokenPipeError:
            return self.to_nowhere() or len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            self.to_nowhere()

    def to_nowhere(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def lasting(stream: TextIO | None) -> TextIO:
    """The stream as a lasting one, where it writes to a file or a pipe; to nowhere if it was closed from the start."""
    if stream is None:
        return open(os.devnull, "w")
    try:
        file = io.BufferedWriter(io.FileIO(stream.fileno(), "w", closefd=False))
    except (AttributeError, OSError):  # it is no file
        return stream
    return Lasting(file, stream.encoding, "backslashreplace", line_buffering=True)
