"""Copies of the repository, in which targets may change what they want."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.core import git
from tools.core.files import copy
from tools.core.paths import STATE


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the repository's files, committed or not, with environments of its own; it is no git repository."""
    with tempfile.TemporaryDirectory(prefix="copy-") as name:
        folder = Path(name).resolve()
        copy(git.files(), folder)
        (folder / ".tools").mkdir()
        (folder / ".tools" / "uv").symlink_to(STATE / "uv")
        yield folder


def make(folder: Path, target: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a target in a copy of the repository. One that is interrupted may end what it has started."""
    command = [sys.executable, "-m", "tools", target]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "errors": "replace"}
    process = subprocess.Popen(command, cwd=folder, env=os.environ | variables, **pipes)
    try:
        out, err = process.communicate()
    except BaseException:
        process.send_signal(signal.SIGINT)
        process.communicate()
        raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)
