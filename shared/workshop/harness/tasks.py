"""Attempts of the harness as the tasks of a run's record."""

from pathlib import Path

from flyteidl.core.literals_pb2 import LiteralMap
from flytekit.models.literals import LiteralMap as LiteralMapModel
from workshop.harness.calls import Attempt
from workshop.observe import shown
from workshop.record import TaskRun


def task_run(attempt: Attempt, folder: Path) -> TaskRun:
    """What the record of the run in `folder`, whose nodes are in its folder nodes/, says of an attempt."""
    node = folder / "nodes" / attempt.node
    return TaskRun(
        name=f"{attempt.task} ({attempt.node})",
        inputs=shown(literals_in(node / "inputs.pb"), folder),
        status=attempt.outcome,
        seconds=attempt.seconds,
        outputs=shown(literals_in(node / f"attempt-{attempt.number}" / "outputs.pb"), folder),
        deck=str(Path(attempt.deck).relative_to(folder)) if attempt.deck else None,
        error=attempt.error or None,
        image=attempt.image,
        requests=attempt.requests,
        limits=attempt.limits,
        peak_mb=attempt.peak_mb,
        cpu_seconds=attempt.cpu_seconds,
    )


def literals_in(file: Path) -> LiteralMapModel:
    """The literals in a file; none if there is no such file."""
    return LiteralMapModel.from_flyte_idl(LiteralMap.FromString(file.read_bytes() if file.exists() else b""))
