"""Where the inputs of a task and the outputs of a workflow come from, read from the bindings of the graph.

The compiled graph says which output of which node is bound to what; only a dynamic workflow's graph is known no
sooner than its task has run, and lies in the folder of the attempt. So this can be asked after a walk, however it
ended, and distinguishes two equal values.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from flyteidl.core.dynamic_job_pb2 import DynamicJobSpec
from flyteidl.core.literals_pb2 import BindingData
from flyteidl.core.workflow_pb2 import Node, WorkflowTemplate

from runner.graph.bindings import FAILURE_NODE, START, cases
from runner.graph.compiled import Graph, drawn_graph
from runner.graph.compiled import nodes as nodes_of
from runner.harness.calls import read_message, succeeded
from runner.records.compiled_facts import part_of
from runner.records.data import BODY, CONSTANT, INPUT, TASK, Source, step
from runner.records.errors import spared
from runner.records.record import Record


@dataclass(frozen=True)
class Level:
    """A workflow in the graph: the entry point, a sub-workflow, or what a dynamic workflow's task drew.

    Attributes:
        folder: where its nodes keep their folders.
        outer: the level around it and the node there that it belongs to; None at the entry point.
        drawn_by: the id of the dynamic workflow's task; empty if none drew it.
        drawn: what dynamic workflows drew, by the folder of the node, for all levels: a graph is large, and each of its
            tasks asks for it.
    """

    graph: Graph
    template: WorkflowTemplate
    root: Path
    folder: Path
    outer: "tuple[Level, Node] | None" = None
    drawn_by: str = ""
    drawn: "dict[Path, Level]" = field(default_factory=dict)

    def output(self, name: str) -> list[Source]:
        """Where an output of the workflow comes from."""
        return self.bound(self.template.outputs, name)

    def bound(self, bindings, name: str, index: int | None = None) -> list[Source]:
        """Where what is bound under a name comes from, or the element `index` of it."""
        data = next((item.binding for item in bindings if item.var == name), None)
        if data is None:
            return [Source(CONSTANT)]  # a default or fixed input of a launch plan
        if index is None:
            return self.sources(data)
        if data.WhichOneof("value") == "collection":
            return self.sources(data.collection.bindings[index])
        return self.sources(data, step(index))

    def sources(self, data: BindingData, part: str = "") -> list[Source]:
        kind = data.WhichOneof("value")
        if kind == "promise":
            promise = data.promise
            part = part_of(promise) + part
            if (promise.node_id or START) == START:
                return self.input(promise.var, part)
            node = next(node for node in nodes_of(self.template) if node.id == promise.node_id)
            return self.given(node, self.folder / node.id, promise.var, part)
        items = data.collection.bindings if kind == "collection" else data.map.bindings.values()
        found = [source for item in items for source in self.sources(item)]
        return list(dict.fromkeys(found)) or [Source(BODY, self.drawn_by) if self.drawn_by else Source(CONSTANT)]

    def input(self, name: str, part: str) -> list[Source]:
        """Where an input of the workflow comes from."""
        if self.outer is None:
            return [Source(INPUT, "", name, part)]
        level, node = self.outer
        return [replace(source, part=source.part + part) for source in level.bound_to(node, name)]

    def bound_to(self, node: Node, name: str, index: int | None = None) -> list[Source]:
        """Where an input of a node comes from; nowhere, if it is the error that a failure handler receives."""
        found = self.bound(node.inputs, name, index)
        return [] if node.id == FAILURE_NODE and found == [Source(CONSTANT)] else found

    def given(self, node: Node, folder: Path, name: str, part: str) -> list[Source]:
        """Which task made an output of a node: one inside it, if it is more than a task."""
        kind = node.WhichOneof("target")
        if kind == "branch_node":
            taken = [case for case in cases(node) if (folder / case.id).exists()]
            return [source for case in taken for source in self.given(case, folder / case.id, name, part)]
        if inner := self.inside(node, folder):
            return [replace(source, part=source.part + part) for source in inner.output(name)]
        if kind != "array_node":
            return [Source(TASK, self.id_of(folder), name, part)]
        index, _, rest = part.removeprefix("[").partition("]") if part.startswith("[") else ("*", "", part)
        members = sorted(folder.glob(f"{index}/inputs.pb"), key=lambda file: int(file.parent.name))
        return [Source(TASK, self.id_of(file.parent), name, rest) for file in members if succeeded(file.parent)]

    def inside(self, node: Node, folder: Path) -> "Level | None":
        """The workflow that a node stands for: a sub-workflow, a launch plan's, or a dynamic workflow's graph."""
        kind = node.WhichOneof("target")
        if kind == "workflow_node":
            name = node.workflow_node.sub_workflow_ref.name
            if plan := node.workflow_node.launchplan_ref.name:
                if plan not in self.graph.launch_plans:
                    return None  # only a cluster has it
                name = self.graph.launch_plans[plan].spec.workflow_id.name
            return replace(self, template=self.graph.workflows[name], folder=folder, outer=(self, node))
        if folder in self.drawn:
            return self.drawn[folder]
        attempt = succeeded(folder) if kind == "task_node" else None
        if attempt is None or (job := read_message(DynamicJobSpec, attempt / "futures.pb")) is None:
            return None
        graph = drawn_graph(self.graph, job, self.graph.tasks[node.task_node.reference_id.name])
        self.drawn[folder] = replace(
            self, graph=graph, template=graph.workflow, folder=folder, outer=(self, node), drawn_by=self.id_of(folder)
        )
        return self.drawn[folder]

    def id_of(self, folder: Path) -> str:
        return folder.relative_to(self.root).as_posix()

    def inputs_of(self, path: str) -> tuple[dict[str, list[Source]], str]:
        """Where the inputs of a task come from, and the id of the dynamic workflow that it is part of, or ""."""
        level, node, index, folder = self, None, None, self.folder
        for part in path.split("/"):
            kind = node.WhichOneof("target") if node else ""
            if kind == "array_node":
                index = int(part)
                break
            if node and (inner := level.inside(node, folder)):
                level, kind = inner, ""
            among = cases(node) if kind == "branch_node" else nodes_of(level.template)
            node, folder = next(item for item in among if item.id == part), folder / part
        names = [item.var for item in node.inputs]
        whole = node.array_node.bound_inputs if index is not None else names
        found = {name: level.bound_to(node, name, None if name in whole else index) for name in names}
        return found, level.drawn_by


@contextlib.contextmanager
def sources_noted(record: Record, graph: Graph, nodes: Path) -> Iterator[None]:
    """Notes in a record, after a walk under `with`, where inputs of tasks and outputs come from, as far as it came."""
    top = Level(graph, graph.workflow, nodes, nodes)
    try:
        yield
        with spared("where the outputs come from"):
            record.sources = {item.var: top.output(item.var) for item in graph.workflow.outputs}
    finally:
        for task in record.tasks:
            with spared(f"where the inputs of {task.title} come from"):
                task.sources, task.parent = top.inputs_of(task.id)
