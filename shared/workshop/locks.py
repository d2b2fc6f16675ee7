"""The locks of a lesson: under which name a record tells of each, and which of them holds here."""

import sys
from pathlib import Path


def lock_fact(lock: str) -> str:
    """Under which name a provenance holds the hash of a lock; the lesson's own is simply its lock."""
    return "lock sha256" if lock == "requirements.txt" else f"{lock} sha256"


def own_lock(project: Path) -> str:
    """The lock of the environment that this process runs in: .venv-x is made from requirements-x.txt."""
    lock = f"requirements{Path(sys.prefix).name.removeprefix('.venv')}.txt"
    return lock if (project / lock).exists() else "requirements.txt"
