"""Runs a workflow by the harness as a run of its lesson: in the run's folder, with the run's record."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flytekit.core.workflow import WorkflowBase

from runner.errors import Stop
from runner.graph.compiled import Graph, compiled
from runner.harness import walk
from runner.harness.cache import Cache
from runner.harness.calls import Attempt, attempts_in
from runner.harness.containers import ContainerLauncher
from runner.harness.forks import ForkLauncher, Server
from runner.harness.graph_facts import graph_facts
from runner.harness.launchers import Launcher
from runner.harness.origins import Level, sources_noted
from runner.harness.prints import printed_in, show
from runner.harness.tasks import task_run
from runner.lesson import Image
from runner.records.errors import reason, spared
from runner.records.literals import value_of
from runner.records.run_folder import Run, plain

Inputs = Mapping[str, Any] | None  # None: those that the run's folder holds
Images = Mapping[str, Image]
# What Python says of an object whose class says nothing, and what flytekit says of a table of no one format, and of a
# file in a store: the path to which it would be fetched.
NO_WORDS = re.compile(r" at 0x[0-9a-f]+>|^\[?(StructuredDataset|FlyteSchema)\(|/local_flytekit/[0-9a-f]{32}")


def run_in_processes(
    run: Run,
    workflow: WorkflowBase,
    inputs: Inputs,
    images: Images,
    with_cache: bool = True,
    debug: str = "",
    server: Server | None = None,
) -> dict[str, Any]:
    """Runs every task in a process of the environment that stands for its image; returns the outputs.

    The task called `debug` reads from and prints to the terminal. `server` forks the attempts, if there is one.
    """
    interpreters = {image.reference: Path(image.python) for image in images.values() if image.python}
    cache = Cache(run.folder.parent / ".cache") if with_cache else None
    with run.recorded(), contextlib.closing(ForkLauncher(run.lesson.folder, interpreters, debug, server)) as launcher:
        return execute(run, workflow, inputs, images, launcher, cache)


def run_in_containers(run: Run, workflow: WorkflowBase, inputs: Inputs, images: Images) -> dict[str, Any]:
    """Runs every task in a container of its image; returns the outputs."""
    has_code = all(image.has_code for image in images.values())
    code = None if has_code else run.lesson.folder / run.lesson.package
    with run.recorded():
        return execute(run, workflow, inputs, images, ContainerLauncher(run.nodes, code))


def execute(
    run: Run, workflow: WorkflowBase, inputs: Inputs, images: Images, launcher: Launcher, cache: Cache | None = None
) -> dict[str, Any]:
    locks = {image.reference: image.lock for image in images.values()}

    def report(attempt: Attempt) -> None:
        # Only the page reports containers: what they print is checked by the tests.
        printed = [] if attempt.image else printed_in(run.nodes / attempt.node / f"attempt-{attempt.number}")
        place = attempt.image
        with spared(f"{attempt.title} of task {attempt.task} ({attempt.node})"):
            task = task_run(attempt, run.folder, locks)
            run.record.tasks.append(task)
            # Which environment stood for the image, if the lesson has several.
            place = place or (task.lock if len({*locks.values()}) > 1 else "")
        show(attempt, printed, place)

    run.record.tasks = [task_run(attempt, run.folder, locks) for attempt in attempts_in(run.nodes)]
    references = {name: image.reference for name, image in images.items()}
    with noted(run, graph_of(workflow, references, run.lesson.name)):
        found = walk.execute(workflow, inputs, run.nodes, launcher, references, report, cache)
        run.record.outputs = outputs_of(found)
    return found.outputs


def graph_of(workflow: WorkflowBase, references: Mapping[str, str], lesson: str) -> Graph:
    """The compiled graph of a workflow; raises Stop if flytekit refuses the workflow."""
    try:
        return compiled(workflow, references)
    except Exception as error:
        words = f"{workflow.short_name}: flytekit refuses it: {reason(error)}"
        raise Stop(f"{words}; to find the line: make typecheck PROJECT={lesson}") from error


@contextlib.contextmanager
def noted(run: Run, graph: Graph) -> Iterator[None]:
    """Notes the graph when the run starts and, after a walk under `with`, what the walk has added to it."""

    def note() -> None:
        with spared("the graph of the run"):
            run.record.graph = list(graph_facts(Level(graph, graph.workflow, run.nodes, run.nodes)))
            run.save()

    note()
    try:
        with sources_noted(run.record, graph, run.nodes):
            yield
    finally:
        note()


def outputs_of(execution: walk.Execution) -> dict[str, Any]:
    """The outputs as a record holds them; where a value's own words say nothing, where the data is."""
    words = plain(execution.outputs)
    return {
        name: value_of(execution.literals[name]) if NO_WORDS.search(str(value)) else value
        for name, value in words.items()
    }
