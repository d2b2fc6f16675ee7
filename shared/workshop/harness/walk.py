"""Walks the nodes of a compiled workflow, each as soon as its predecessors have run."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
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
from workshop.harness.attempts import Attempt, Call, run_task
from workshop.harness.bindings import START, inputs_of, predecessors
from workshop.harness.graph import Graph, compiled
from workshop.harness.launchers import Launcher

CONTINUE = WorkflowTemplate().metadata.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE


@dataclass
class Execution:
    """What came of a walk: outputs as Python values, and the attempts that were made in this walk."""

    outputs: dict[str, Any] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)


class Walker:
    """Walks one execution; its nodes share a launcher, a report and a signal to stop."""

    def __init__(self, graph: Graph, launcher: Launcher, report: Callable[[Attempt], None]):
        self.graph = graph
        self.launcher = launcher
        self.report = report
        self.stopped = Event()
        # How each kind of node is run; a further kind is a further row.
        self.kinds = {"task_node": self.task_node, "workflow_node": self.workflow_node}

    def workflow(self, template: WorkflowTemplate, inputs: LiteralMap, folder: Path, prefix: str = "") -> LiteralMap:
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
                        own = inputs_of(node.inputs, values)
                        running[pool.submit(self.node, node, own, folder / node.id, prefix)] = node.id
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

    def node(self, node: Node, inputs: LiteralMap, folder: Path, prefix: str) -> LiteralMap:
        kind = node.WhichOneof("target")
        if kind not in self.kinds:
            raise NotImplementedError(
                f"node {prefix}{node.id} is a {kind.replace('_', ' ')}, which the harness does not walk; "
                f"it walks {', '.join(name.replace('_', ' ') for name in self.kinds)}s"
            )
        return self.kinds[kind](node, inputs, folder, prefix)

    def task_node(self, node: Node, inputs: LiteralMap, folder: Path, prefix: str) -> LiteralMap:
        task = overridden(self.graph.tasks[node.task_node.reference_id.name], node)
        timeout = node.metadata.timeout.ToSeconds() or task.metadata.timeout.ToSeconds()
        call = Call(
            node=prefix + node.id,
            task=task,
            folder=folder,
            retries=node.metadata.retries.retries or task.metadata.retries.retries,
            seconds=timeout or None,
        )
        return run_task(call, inputs, self.launcher, self.stopped.is_set, self.report)

    def workflow_node(self, node: Node, inputs: LiteralMap, folder: Path, prefix: str) -> LiteralMap:
        target = node.workflow_node
        if target.WhichOneof("reference") == "launchplan_ref":
            plan = self.graph.launch_plans[target.launchplan_ref.name].spec
            parameters = plan.default_inputs.parameters.items()
            defaults = {name: item.default for name, item in parameters if item.HasField("default")}
            merged = LiteralMap(literals={**defaults, **inputs.literals, **plan.fixed_inputs.literals})
            return self.workflow(self.graph.workflows[plan.workflow_id.name], merged, folder, f"{prefix}{node.id}/")
        name = target.sub_workflow_ref.name
        return self.workflow(self.graph.workflows[name], inputs, folder, f"{prefix}{node.id}/")


def overridden(task: TaskTemplate, node: Node) -> TaskTemplate:
    """The task with what `with_overrides` set at the node: image, requests and limits."""
    overrides, own = node.task_node.overrides, TaskTemplate()
    own.CopyFrom(task)
    if overrides.container_image:
        own.container.image = overrides.container_image
    for name in ("requests", "limits"):
        if entries := getattr(overrides.resources, name):
            del getattr(own.container.resources, name)[:]
            getattr(own.container.resources, name).extend(entries)
    return own


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
    outputs = Walker(graph, launcher, noted).workflow(graph.workflow, literals, folder.resolve())
    model = LiteralMapModel.from_flyte_idl(outputs)
    values = TypeEngine.literal_map_to_kwargs(context, model, interface.outputs) if interface.outputs else {}
    execution.outputs = {name: values[name] for name in interface.outputs}
    return execution


def show(attempt: Attempt) -> None:
    """Prints an attempt as one line; a report for `execute`."""
    tried = f" attempt {attempt.number + 1}" if attempt.number or attempt.error else ""
    told = f"{attempt.outcome}{tried}"
    print(f"  {attempt.node:<6} {attempt.task:<24} {told:<22} {attempt.seconds:5.1f} s  {attempt.image}", flush=True)
    if attempt.error:
        print(f"         {attempt.error}", flush=True)
