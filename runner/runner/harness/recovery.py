"""What an earlier walk left in a run's folder: its attempts, and a fresh start for those tasks that failed."""

from pathlib import Path

from runner.harness.calls import Attempt, read_attempt, succeeded
from runner.records.files import write_atomically


def attempts_in(nodes: Path) -> list[Attempt]:
    """The attempts that were finished, in the order in which they ended."""
    files = sorted(nodes.rglob("attempt-*/attempt.json"), key=lambda file: file.stat().st_mtime_ns)
    return [attempt for file in files if (attempt := read_attempt(file))]


def give_up(nodes: Path) -> None:
    """Gives every task that has not succeeded a fresh count of retries; its attempts stay where they are.

    The last checkpoint of such a task is handed on, as it is when a cluster recovers an execution. A failure
    handler that succeeded is not run again, as there.
    """
    for node in {attempt.parent for attempt in nodes.rglob("attempt-*") if attempt.is_dir()}:
        if not succeeded(node):
            write_atomically(node / "first-attempt", str(len(list(node.glob("attempt-*")))))
