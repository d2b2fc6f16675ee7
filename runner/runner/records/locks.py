"""The locks of a lesson: under which name a record tells of each, and which of them holds here."""

import sys
from pathlib import Path

from runner.records.data import content_hash


def lock_fact(lock: str) -> str:
    """Under which name a provenance holds the hash of a lock; the lesson's own is simply its lock."""
    return "lock sha256" if lock == "requirements.txt" else f"{lock} sha256"


def own_lock(project: Path) -> str:
    """The lock of a lesson that the environment of this process was made from."""
    made_from = Path(sys.prefix) / "requirements.txt"
    locks = sorted(project.glob("requirements*.txt"))
    return next(
        (lock.name for lock in locks if made_from.exists() and content_hash(lock) == content_hash(made_from)),
        "requirements.txt",
    )
