"""Walks the nodes of a compiled workflow, each as soon as its predecessors have run."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

from flyteidl.core.literals_pb2 import LiteralMap
from flyteidl.core.tasks_pb2 import TaskTemplate
from flyteidl.core.workflow_pb2 import Node, WorkflowTemplate
from flytekit import FlyteContextManager
from flytekit.core.type_engine import TypeEngine
from flytekit.core.workflow import WorkflowBase
from flytekit.models.literals import LiteralMap as LiteralMapModel
from workshop.harness.attempts import Attempt
from workshop.harness.bindings import START, inputs_of, predecessors
from workshop.harness.graph import Graph, compiled
from workshop.harness.launchers import Launcher
from workshop.harness.nodes import KINDS, Values

CONTINUE = WorkflowTemplate().metadata.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE


@dataclass
class Execution:
    """What came of a walk: outputs as Python values, and the attempts that were made in this walk."""

    outputs: dict[str, Any] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)


class Walker:
    """Walks one execution; its nodes share a launcher, a report and a signal to stop."""

    def __init__(self, graph: Graph, root: Path, launcher: Launcher, report: Callable[[Attempt], None]):
        self.graph = graph
        self.root = root
        self.launcher = launcher
        self.report = report
        self.stopped = Event()

    def within(self, tasks: dict[str, TaskTemplate], workflows: dict[str, WorkflowTemplate]) -> "Walker":
        """A walker of the same execution that knows further tasks and workflows: those of a dynamic workflow."""
        inner = copy(self)
        inner.graph = replace(self.graph, tasks=self.graph.tasks | tasks, workflows=self.graph.workflows | workflows)
        return inner

    def workflow(self, template: WorkflowTemplate, inputs: LiteralMap, folder: Path) -> LiteralMap:
        """Runs the nodes of a workflow, side by side where they can; returns the workflow's outputs.

        Raises:
            TaskFailed: the first failure. Nodes that run then are ended, unless the workflow's failure
                policy lets everything that can still run complete.
        """
        values = {START: inputs}
        waiting = {node.id: node for node in template.nodes if node.id not in (START, "end-node")}
        running: dict[Future, str] = {}
        failure: BaseException | None = None
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            try:
                while waiting or running:
                    ready = [node for node in waiting.values() if predecessors(node) <= values.keys()]
                    for node in ready if not self.stopped.is_set() else []:
                        del waiting[node.id]
                        running[pool.submit(self.node, node, dict(values), folder / node.id)] = node.id
                    if not running:
                        break
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        node_id = running.pop(future)
                        if error := future.exception():
                            failure = failure or error
                            if template.metadata.on_failure != CONTINUE:
                                self.stopped.set()
                        else:
                            values[node_id] = future.result()
            except BaseException:
                self.stopped.set()
                raise
        if failure:
            raise failure
        return inputs_of(template.outputs, values)

    def node(self, node: Node, values: Values, folder: Path) -> LiteralMap:
        """Runs a node in its folder; returns its outputs."""
        kind = node.WhichOneof("target")
        if kind not in KINDS:
            known = ", ".join(name.replace("_", " ") for name in KINDS)
            raise NotImplementedError(f"node {node.id} is a {kind.replace('_', ' ')}; the harness walks {known}")
        return KINDS[kind](self, node, values, folder)


def execute(
    workflow: WorkflowBase,
    inputs: Mapping[str, Any],
    folder: Path,
    launcher: Launcher,
    images: Mapping[str, str],
    report: Callable[[Attempt], None] = lambda attempt: None,
) -> Execution:
    """Runs a workflow by Flyte's own task entry point.

    Args:
        workflow: the workflow, as its module defines it.
        inputs: Python values by name; inputs with a default may be left out.
        folder: where inputs, attempts and outputs are kept. With a folder of an earlier walk that was
            cut off, tasks that had succeeded are not run again.
        launcher: starts the tasks: `ProcessLauncher` or `ContainerLauncher`.
        images: the images by name, among them "default".
        report: called after every attempt.

    Raises:
        TaskFailed: a task failed for good.
    """
    context = FlyteContextManager.current_context()
    interface = workflow.python_interface
    given = {**interface.default_inputs_as_kwargs, **inputs}
    types = dict(interface.inputs)
    literals = TypeEngine.dict_to_literal_map(context, given, types).to_flyte_idl()
    execution = Execution()

    def noted(attempt: Attempt) -> None:
        execution.attempts.append(attempt)
        report(attempt)

    graph = compiled(workflow, images)
    root = folder.resolve()
    outputs = Walker(graph, root, launcher, noted).workflow(graph.workflow, literals, root)
    model = LiteralMapModel.from_flyte_idl(outputs)
    values = TypeEngine.literal_map_to_kwargs(context, model, interface.outputs) if interface.outputs else {}
    execution.outputs = {name: values[name] for name in interface.outputs}
    return execution


def show(attempt: Attempt) -> None:
    """Prints an attempt as one line; a report for `execute`."""
    tried = f" attempt {attempt.number + 1}" if attempt.number or attempt.error else ""
    told = f"{attempt.outcome}{tried}"
    print(f"  {attempt.node:<8} {attempt.task:<24} {told:<22} {attempt.seconds:5.1f} s  {attempt.image}", flush=True)
    if attempt.error:
        print(f"         {attempt.error}", flush=True)
