"""A folder in which one process at a time may run something."""

import fcntl
import os
import weakref
from pathlib import Path
from typing import IO

from runner.errors import Stop

held: weakref.WeakSet[IO[str]] = weakref.WeakSet()


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
    held.add(file)
    return file


def let_go() -> None:
    """Closes the locks in a process that was forked from their holder: it may outlive that, and would keep them."""
    for file in held:
        file.close()


os.register_at_fork(after_in_child=let_go)
