"""What an earlier walk left in a run's folder: its attempts, and a fresh start for those tasks that failed."""

from collections.abc import Iterable
from pathlib import Path

from runner.harness.calls import SUCCEEDED, Attempt, read_attempt
from runner.records.record import write_atomically

# What flytekit calls the node of a workflow's on_failure.
FAILURE_NODE = "fn0"


def attempts_in(nodes: Path) -> list[Attempt]:
    """The attempts that were finished, in the order in which they ended."""
    files = sorted(nodes.rglob("attempt-*/attempt.json"), key=lambda file: file.stat().st_mtime_ns)
    return [read_attempt(file) for file in files]


def give_up(nodes: Path) -> None:
    """Gives every task that has not succeeded a fresh count of retries; its attempts stay where they are.

    The last checkpoint of such a task is handed on, as it is when a cluster recovers an execution. What
    cleaned up after the failure is run again, should there be another one.
    """
    for node in {attempt.parent for attempt in nodes.rglob("attempt-*") if attempt.is_dir()}:
        attempts = list(node.glob("attempt-*"))
        cleans_up = FAILURE_NODE in node.relative_to(nodes).parts
        if cleans_up:
            (node / "inputs.pb").unlink(missing_ok=True)
        if cleans_up or not succeeded(attempts):
            write_atomically(node / "first-attempt", str(len(attempts)))


def succeeded(attempts: Iterable[Path]) -> bool:
    files = (attempt / "attempt.json" for attempt in attempts)
    return any(read_attempt(file).outcome == SUCCEEDED for file in files if file.exists())
