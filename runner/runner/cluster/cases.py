"""A lesson's case on the cluster in hand: for the tests, which compare what it gives."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from runner.cluster.connection import Cluster
from runner.cluster.follow import follow
from runner.cluster.origin import origin
from runner.cluster.start import start, started
from runner.lesson import Lesson, workflow
from runner.records.run_folder import Run


def execute(
    lesson: Lesson, entry_point: str, inputs: dict[str, Any], version: str, out: Path, note: Callable[[str], None]
) -> dict[str, Any]:
    """Runs a registered workflow of the lesson, keeps the record in `out`, and returns the outputs.

    `note` is given the address of the execution. Nothing comes from the cluster's cache: it would hide broken code.

    Raises:
        ExecutionFailed: with the task, the attempt and why.
        ClusterError: the cluster is not reached, or refuses.
    """
    target, entity = f"make test-cluster PROJECT={lesson.name}", workflow(entry_point)
    cluster = Cluster.in_hand().patient()
    given = {**entity.python_interface.default_inputs_as_kwargs, **inputs}
    identifier = start(cluster, lesson, entity, given, version, anew=True)
    run = Run.start(lesson, entry_point, out, target, given, known=origin(lesson, version, version))
    started(cluster, run, identifier)
    note(run.record.console)
    try:
        return follow(cluster, run, identifier, dict(entity.python_interface.outputs))
    finally:
        run.tell("make test-cluster")
