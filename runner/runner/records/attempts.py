"""Attempts of a task in words: the user's retries, and those that the system adds."""

from collections.abc import Sequence

from runner.records.record import TaskRun

# The status of an attempt that failed by no fault of the task. It is tried again, whatever the task's retries.
SYSTEM = "system failure"


def attempts_made(number: int, retries: int | None, system: int) -> str:
    """Which attempt it was: `attempt 2, retries=1`, or with retries of the system `attempt 4 of 4: 3 system retries`.

    Args:
        number: of the attempt, 1 for the first.
        retries: how often the user lets the task be tried again; None if that is not known.
        system: how many attempts before this one failed by no fault of the task.
    """
    user = f", retries={retries}" if retries is not None else ""
    if not system:
        return f"attempt {number}{user}"
    own = number - 1 - system
    parts = [f"{own} {counted(own)} of its own"] if own else []
    return f"attempt {number} of {number}: {' and '.join([*parts, f'{system} system {counted(system)}'])}{user}"


def counted(count: int) -> str:
    return "retry" if count == 1 else "retries"


def place(task: TaskRun, tasks: Sequence[TaskRun]) -> str:
    """Which of the attempts of its call a task run is, in words; empty if there was one only."""
    attempts = [item for item in tasks if item.id == task.id] if task.id else []
    if len(attempts) < 2:
        return ""
    system = sum(item.status == SYSTEM for item in attempts[: task.attempt])
    told = f": {system} system {counted(system)}" if system else ""
    return f"attempt {task.attempt + 1} of {len(attempts)}{told}"
