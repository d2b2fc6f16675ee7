"""Tracebacks, which are kept in a file: on a terminal an error is one line."""

import os
import tempfile
import traceback


def kept(error: BaseException) -> str:
    """Writes the traceback of an error to a new file, and returns the file's path, or why there is none."""
    # The folder for temporary files of this process is removed when the process ends, the machine's is not.
    lasting = os.environ.get("MACHINE_TMPDIR") or tempfile.gettempdir()
    try:
        handle, path = tempfile.mkstemp(prefix="traceback-", suffix=".txt", dir=lasting)
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(traceback.format_exception(error))
    except OSError as problem:
        return f"no file: {problem.strerror}"
    return path
