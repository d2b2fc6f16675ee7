"""Attempts of the harness as the tasks of a run's record."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from flyteidl.core.tasks_pb2 import TaskTemplate

from runner.harness.calls import Attempt, literals_in, read_message
from runner.records.literals import declared, shown
from runner.records.record import TaskRun

# What both say in the same words.
SAME = {item.name for item in fields(Attempt)} & {item.name for item in fields(TaskRun)} - {"task", "deck", "error"}


def task_run(attempt: Attempt, folder: Path, locks: Mapping[str, str]) -> TaskRun:
    """What the record of the run in `folder`, whose nodes are in its folder nodes/, says of an attempt.

    `locks` has the lock of each image, which is also that of the environment that stands for the image.
    """
    node = folder / "nodes" / attempt.node
    place = node / f"attempt-{attempt.number}"
    template = read_message(TaskTemplate, place / "task.pb") or TaskTemplate()
    return TaskRun(
        name=attempt.task,
        inputs=shown(literals_in(node / "inputs.pb"), folder),
        status=attempt.outcome,
        outputs=shown(literals_in(place / "outputs.pb"), folder),
        deck=str(Path(attempt.deck).relative_to(folder)) if attempt.deck else None,
        error=attempt.error or None,
        id=attempt.node,
        attempt=attempt.number,
        task=template.id.name,
        lock=locks.get(template.container.image, ""),
        log=(place / "log.txt").relative_to(folder).as_posix() if (place / "log.txt").exists() else "",
        interface=declared(template.interface) if template.id.name else {},
        **{name: value for name, value in vars(attempt).items() if name in SAME},
    )
