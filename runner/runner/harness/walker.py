"""Walks the nodes of a compiled workflow, each as soon as its predecessors have run."""

import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from flyteidl.core.dynamic_job_pb2 import DynamicJobSpec
from flyteidl.core.literals_pb2 import LiteralMap
from flyteidl.core.tasks_pb2 import TaskTemplate
from flyteidl.core.workflow_pb2 import Node, WorkflowTemplate

from runner.graph.bindings import END, START, NotThere, inputs_of, predecessors, with_error
from runner.graph.compiled import Graph, drawn_graph
from runner.harness.attempts import TaskAborted, TaskFailed
from runner.harness.cache import Cache
from runner.harness.calls import Attempt
from runner.harness.launchers import Launcher
from runner.harness.support import check
from runner.typecheck.scope import Scope

CONTINUE = WorkflowTemplate().metadata.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE
Values = Mapping[str, LiteralMap]
Aborted = Callable[[], bool]
# What runs a node, by its kind: see node_kinds.py.
Kinds = Mapping[str, Callable[["Walker", Node, Values, Path, Aborted], LiteralMap]]


@dataclass(frozen=True)
class Walker:
    """Walks one execution; its nodes share a launcher, a report and a cache. `kinds` runs each kind of node."""

    graph: Graph
    root: Path
    launcher: Launcher
    report: Callable[[Attempt], None]
    kinds: Kinds
    cache: Cache | None

    def within(self, drawn: DynamicJobSpec, task: TaskTemplate) -> "Walker":
        """A walker of the same execution for the graph that a dynamic workflow's task has drawn.

        Raises:
            Unsupported: there is something in it that the harness does not run.
        """
        graph = drawn_graph(self.graph, drawn, task)
        check(graph, self.launcher)
        return replace(self, graph=graph)

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
        waiting = {node.id: node for node in template.nodes if node.id not in (START, END)}
        needs = {node.id: predecessors(node) for node in waiting.values()}
        running: dict[Future, str] = {}
        failures: dict[str, BaseException] = {}
        stopped = Event()

        def aborted() -> bool:
            return stopped.is_set() or outer()

        with ThreadPoolExecutor(max_workers=max(len(waiting), 1)) as pool:
            try:
                while waiting or running:
                    ready = [node for node in waiting.values() if needs[node.id] <= values.keys()]
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
        if not (failures or waiting):
            try:
                return inputs_of(template.outputs, values)
            except NotThere as error:
                failures[END] = error
        if failures:
            own = (node_id for node_id, error in failures.items() if not isinstance(error, TaskAborted))
            failed = next(own, next(iter(failures)))
            if template.HasField("failure_node") and not isinstance(failures[failed], TaskAborted):
                self.clean_up(template, values, failures[failed], folder, outer)
            raise failures[failed]
        raise TaskAborted(f"{template.id.name} was stopped before {', '.join(waiting)}")

    def clean_up(
        self, template: WorkflowTemplate, values: Values, failure: BaseException, folder: Path, outer: Aborted
    ) -> None:
        """Runs what a workflow names as its on_failure; the workflow fails as it did, whatever comes of that."""
        node = template.failure_node
        handler = with_error(node, Scope(self.graph, template).interface(node).inputs, str(failure))
        with contextlib.suppress(TaskFailed):
            self.node(handler, values, folder / node.id, outer)

    def node(self, node: Node, values: Values, folder: Path, aborted: Aborted) -> LiteralMap:
        """Runs a node in its folder; returns its outputs."""
        return self.kinds[node.WhichOneof("target")](self, node, values, folder, aborted)
