"""A folder in which one process at a time may run something."""

import fcntl
from pathlib import Path
from typing import IO

from runner.errors import Stop


class InUse(Stop):
    """Another process holds the folder."""


def hold(folder: Path) -> IO[str]:
    """Takes the lock of a folder, until it is closed or this process ends; raises InUse."""
    file = (folder / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise InUse(f"{folder} is still being run by another process") from None
    return file
