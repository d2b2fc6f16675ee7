"""Attempts of the harness as the tasks of a run's record."""

import contextlib
from collections.abc import Mapping
from pathlib import Path

from flyteidl.core.tasks_pb2 import TaskTemplate
from google.protobuf.message import DecodeError

from runner.harness.calls import Attempt, literals_in
from runner.records.literals import declared, shown
from runner.records.record import TaskRun


def task_run(attempt: Attempt, folder: Path, locks: Mapping[str, str]) -> TaskRun:
    """What the record of the run in `folder`, whose nodes are in its folder nodes/, says of an attempt.

    `locks` has the lock of each image, which is also that of the environment that stands for the image.
    """
    node = folder / "nodes" / attempt.node
    template = template_in(node / f"attempt-{attempt.number}" / "task.pb")
    return TaskRun(
        name=attempt.task,
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
        id=attempt.node,
        attempt=attempt.number,
        task=template.id.name,
        started=attempt.started,
        read=attempt.read,
        written=attempt.written,
        lock=locks.get(template.container.image, ""),
        image_id=attempt.image_id,
        system_retries=attempt.system_retries,
        warnings=attempt.warnings,
        computed_seconds=attempt.computed_seconds,
        computed_by=attempt.computed_by,
        computed_as=attempt.computed_as,
        interface=declared(template.interface) if template.id.name else {},
    )


def template_in(file: Path) -> TaskTemplate:
    """The task in a file; an empty one if an attempt ended before it was written whole."""
    with contextlib.suppress(FileNotFoundError, DecodeError):
        return TaskTemplate.FromString(file.read_bytes())
    return TaskTemplate()
