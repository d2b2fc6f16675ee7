"""Copies of the repository, in which targets may change what they want."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.core import git
from tools.core.paths import ROOT, STATE


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the repository's files, committed or not, with environments of its own; it is no git repository."""
    with tempfile.TemporaryDirectory(prefix="copy-") as name:
        folder = Path(name).resolve()
        for file in git.need("ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0"):
            if (ROOT / file).is_file():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / file, folder / file)
        (folder / ".tools").mkdir()
        (folder / ".tools" / "uv").symlink_to(STATE / "uv")
        yield folder


def make(folder: Path, target: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a target in a copy of the repository."""
    command = [sys.executable, "-m", "tools", target]
    environment = os.environ | variables
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace")
