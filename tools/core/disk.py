"""Room on a disk, before any work."""

import shutil
import tempfile
from pathlib import Path

from tools.core.errors import Stop


def need_disk(folder: Path, megabytes: int) -> None:
    """Raises Stop when the disk of `folder` has less than `megabytes` (10^6 bytes) left."""
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < megabytes:
        raise Stop(f"{megabytes} MB of disk are needed at {folder}, {free} MB are free; free some first")


def need_temporary_folder() -> None:
    """Raises Stop where Python finds no folder in which it can write temporary files."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        raise Stop(
            "temporary files cannot be written, neither in /tmp nor in other folders for them; free some space there, "
            "or set TMPDIR to a folder where you may write"
        ) from None
