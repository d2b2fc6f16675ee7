"""One process at a time: targets that are started together take turns."""

import contextlib
import fcntl
from collections.abc import Iterator

from tools.core.paths import STATE


@contextlib.contextmanager
def exclusively(name: str) -> Iterator[None]:
    """Holds the lock `name`, so that two targets started at once take turns."""
    folder = STATE / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / name, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{name}: another target is at work on it; waiting for it", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
