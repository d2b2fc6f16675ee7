"""Tracebacks, which are kept in a file: on a terminal an error is one line."""

import os
import tempfile
import traceback


def kept(error: BaseException) -> str:
    """Writes the traceback of an error to a file, and returns the file's path, or why there is none."""
    try:
        return written("".join(traceback.format_exception(error)))
    except OSError as problem:
        return f"no file: {problem.strerror}"


def written(text: str) -> str:
    """Writes a text to a new file that outlives this process; returns the file's path."""
    with tempfile.NamedTemporaryFile(
        "w",
        prefix="traceback-",
        suffix=".txt",
        delete=False,
        dir=lasting(),
        encoding="utf-8",
        errors="backslashreplace",
    ) as file:
        file.write(text)
    return file.name


def lasting() -> str:
    """The machine's folder for temporary files: the one of this process is removed when the process ends."""
    return os.environ.get("MACHINE_TMPDIR") or tempfile.gettempdir()
