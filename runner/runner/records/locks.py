"""Under which name a record reports each lock of a lesson."""


def lock_fact(lock: str) -> str:
    """Under which name a provenance holds the hash of a lock; the lesson's own is simply its lock."""
    return "lock sha256" if lock == "requirements.txt" else f"{lock} sha256"
