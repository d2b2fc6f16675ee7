"""Runs a workflow by the harness as a run of its lesson: in the run's folder, with the run's record."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flytekit.core.workflow import WorkflowBase

from runner.graph.compiled import compiled
from runner.harness import walk
from runner.harness.calls import Attempt
from runner.harness.containers import ContainerLauncher
from runner.harness.launchers import Launcher, ProcessLauncher
from runner.harness.origins import sources_noted
from runner.harness.recovery import attempts_in
from runner.harness.tasks import task_run
from runner.lesson import Image
from runner.records.run_folder import Run, plain

Inputs = Mapping[str, Any] | None  # None: those that the run's folder holds
Images = Mapping[str, Image]


def run_in_processes(run: Run, workflow: WorkflowBase, inputs: Inputs, images: Images) -> dict[str, Any]:
    """Runs every task as a process in the environment that stands for its image; returns the outputs."""
    interpreters = {image.reference: Path(image.python) for image in images.values() if image.python}
    return execute(run, workflow, inputs, images, ProcessLauncher(run.lesson.folder, interpreters))


def run_in_containers(run: Run, workflow: WorkflowBase, inputs: Inputs, images: Images) -> dict[str, Any]:
    """Runs every task in a container of its image; returns the outputs."""
    return execute(run, workflow, inputs, images, ContainerLauncher(run.nodes))


def execute(run: Run, workflow: WorkflowBase, inputs: Inputs, images: Images, launcher: Launcher) -> dict[str, Any]:
    locks = {image.reference: image.lock for image in images.values()}

    def report(attempt: Attempt) -> None:
        walk.show(attempt)
        run.record.tasks.append(task_run(attempt, run.folder, locks))

    run.record.tasks = [task_run(attempt, run.folder, locks) for attempt in attempts_in(run.nodes)]
    references = {name: image.reference for name, image in images.items()}
    with run.recorded(), sources_noted(run.record, compiled(workflow, references), run.nodes):
        outputs = walk.execute(workflow, inputs, run.nodes, launcher, references, report).outputs
        run.record.outputs = plain(outputs)
    return outputs
