"""Walks the nodes of a compiled workflow, each as soon as its predecessors have run."""

import contextlib
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
from flytekit.core.data_persistence import FileAccessProvider
from flytekit.core.type_engine import TypeEngine
from flytekit.core.workflow import WorkflowBase
from flytekit.models.literals import LiteralMap as LiteralMapModel
from workshop.harness.attempts import TaskAborted, TaskFailed, keep_inputs
from workshop.harness.bindings import START, inputs_of, predecessors, with_error
from workshop.harness.calls import Attempt
from workshop.harness.graph import Graph, compiled
from workshop.harness.launchers import Launcher
from workshop.harness.nodes import KINDS, Aborted, Values
from workshop.harness.support import check
from workshop.hold import hold
from workshop.record import MEBIBYTE

CONTINUE = WorkflowTemplate().metadata.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE


@dataclass
class Execution:
    """What came of a walk: outputs as Python values, and the attempts that were made in this walk."""

    outputs: dict[str, Any] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)


class Walker:
    """Walks one execution; its nodes share a launcher and a report."""

    def __init__(self, graph: Graph, root: Path, launcher: Launcher, report: Callable[[Attempt], None]):
        self.graph = graph
        self.root = root
        self.launcher = launcher
        self.report = report

    def within(self, tasks: dict[str, TaskTemplate], workflows: dict[str, WorkflowTemplate]) -> "Walker":
        """A walker of the same execution that knows further tasks and workflows: those of a dynamic workflow."""
        inner = copy(self)
        inner.graph = replace(self.graph, tasks=self.graph.tasks | tasks, workflows=self.graph.workflows | workflows)
        return inner

    def workflow(self, template: WorkflowTemplate, inputs: LiteralMap, folder: Path, outer: Aborted) -> LiteralMap:
        """Runs the nodes of a workflow, side by side where they can; returns the workflow's outputs.

        Args:
            template: the workflow.
            inputs: its inputs.
            folder: where its nodes keep their folders.
            outer: whether the workflow around it has been stopped.

        Raises:
            TaskFailed: the first failure. Nodes that run then are ended, unless the workflow's failure
                policy lets everything that can still run complete. Its on_failure has been run then.
        """
        values = {START: inputs}
        waiting = {node.id: node for node in template.nodes if node.id not in (START, "end-node")}
        running: dict[Future, str] = {}
        failures: dict[str, BaseException] = {}
        stopped = Event()

        def aborted() -> bool:
            return stopped.is_set() or outer()

        with ThreadPoolExecutor(max_workers=max(len(waiting), 1)) as pool:
            try:
                while waiting or running:
                    ready = [node for node in waiting.values() if predecessors(node) <= values.keys()]
                    for node in ready if not aborted() else []:
                        del waiting[node.id]
                        future = pool.submit(self.node, node, dict(values), folder / node.id, aborted)
                        running[future] = node.id
                    if not running:
                        break
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        node_id = running.pop(future)
                        if error := future.exception():
                            failures[node_id] = error
                            if template.metadata.on_failure != CONTINUE:
                                stopped.set()
                        else:
                            values[node_id] = future.result()
            except BaseException:
                stopped.set()
                raise
        if failures:
            own = (node_id for node_id, error in failures.items() if not isinstance(error, TaskAborted))
            failed = next(own, next(iter(failures)))
            if template.HasField("failure_node") and not isinstance(failures[failed], TaskAborted):
                self.clean_up(template.failure_node, values, failed, failures[failed], folder, outer)
            raise failures[failed]
        if waiting:
            raise TaskAborted(f"{template.id.name} was stopped before {', '.join(waiting)}")
        return inputs_of(template.outputs, values)

    def clean_up(
        self, node: Node, values: Values, failed: str, failure: BaseException, folder: Path, outer: Aborted
    ) -> None:
        """Runs what a workflow names as its on_failure; the workflow fails as it did, whatever comes of that."""
        target = node.task_node.reference_id.name or node.workflow_node.sub_workflow_ref.name
        entity = (self.graph.tasks | self.graph.workflows)[target]
        handler = with_error(node, entity.interface.inputs, failed, str(failure))
        with contextlib.suppress(TaskFailed):
            self.node(handler, values, folder / node.id, outer)

    def node(self, node: Node, values: Values, folder: Path, aborted: Aborted) -> LiteralMap:
        """Runs a node in its folder; returns its outputs."""
        return KINDS[node.WhichOneof("target")](self, node, values, folder, aborted)


def execute(
    workflow: WorkflowBase,
    inputs: Mapping[str, Any] | None,
    folder: Path,
    launcher: Launcher,
    images: Mapping[str, str],
    report: Callable[[Attempt], None] = lambda attempt: None,
) -> Execution:
    """Runs a workflow by Flyte's own task entry point.

    Args:
        workflow: the workflow, as its module defines it.
        inputs: Python values by name; inputs with a default may be left out. None: those of the earlier
            walk in this folder.
        folder: where inputs, attempts and outputs are kept. With a folder of an earlier walk that was
            cut off, tasks that had succeeded are not run again.
        launcher: starts the tasks: `ProcessLauncher` or `ContainerLauncher`.
        images: the images by name, among them "default".
        report: called after every attempt.

    Raises:
        TaskFailed: a task failed for good.
        NotImplementedError: the workflow has a node or a task that the harness does not run.
        OtherInputs: the folder is from a run with other inputs.
        InUse: another process walks in this folder, and would take the attempts of this walk for leftovers.
    """
    root = folder.resolve()
    root.mkdir(parents=True, exist_ok=True)
    graph = compiled(workflow, images)
    check(graph, launcher)
    execution = Execution()

    def noted(attempt: Attempt) -> None:
        execution.attempts.append(attempt)
        report(attempt)

    with hold(root):
        file = root / "inputs.pb"
        kept = inputs is None
        inputs_message = LiteralMap.FromString(file.read_bytes()) if kept else literals_of(workflow, inputs, root)
        keep_inputs(file, inputs_message)
        outputs = Walker(graph, root, launcher, noted).workflow(graph.workflow, inputs_message, root, lambda: False)
    context, interface = FlyteContextManager.current_context(), workflow.python_interface
    if interface.outputs:
        model = LiteralMapModel.from_flyte_idl(outputs)
        values = TypeEngine.literal_map_to_kwargs(context, model, interface.outputs)
        execution.outputs = {name: values[name] for name in interface.outputs}
    return execution


def literals_of(workflow: WorkflowBase, inputs: Mapping[str, Any], root: Path) -> LiteralMap:
    """The inputs as Flyte's literals; data frames and files among them are kept in the run's folder."""
    interface = workflow.python_interface
    # flytekit's default_inputs_as_kwargs leaves out the defaults that are None.
    given = {name: default for name, (_, default) in interface.inputs_with_defaults.items()} | dict(inputs)
    files = FileAccessProvider(local_sandbox_dir=root / "inputs", raw_output_prefix=str(root / "inputs" / "data"))
    context = FlyteContextManager.current_context()
    with FlyteContextManager.with_context(context.with_file_access(files)) as own:
        return TypeEngine.dict_to_literal_map(own, given, dict(interface.inputs)).to_flyte_idl()


def show(attempt: Attempt) -> None:
    """Prints an attempt as one line; a report for `execute`."""
    tried = f" attempt {attempt.number + 1}" if attempt.number or attempt.error else ""
    told = f"{attempt.outcome}{tried}"
    memory = f"{attempt.peak_mb / MEBIBYTE:4.0f}Mi" if attempt.peak_mb else ""
    line = f"  {attempt.node:<8} {attempt.task:<24} {told:<26} {attempt.seconds:5.1f} s {memory:>7}  {attempt.image}"
    print(line.rstrip(), flush=True)
    if attempt.error:
        print(f"         {attempt.error}", flush=True)
