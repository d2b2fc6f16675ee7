"""The nodes of an execution, and those inside them, looked at again and again."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from flyteidl.admin.common_pb2 import Sort
from flyteidl.admin.execution_pb2 import Execution
from flyteidl.admin.node_execution_pb2 import NodeExecution, NodeExecutionGetRequest, NodeExecutionListRequest
from flyteidl.admin.task_execution_pb2 import TaskExecutionListRequest
from flyteidl.core.catalog_pb2 import CACHE_HIT
from flyteidl.core.execution_pb2 import ExecutionError
from flyteidl.core.identifier_pb2 import Identifier
from flyteidl.core.tasks_pb2 import TaskTemplate
from flyteidl.core.workflow_pb2 import Node

from runner.cluster.attempts import attempt_run
from runner.cluster.compiled_nodes import (
    Graph,
    TaskFacts,
    inside,
    name_in_workflow,
    of_execution,
    of_workflow,
    template_of,
)
from runner.cluster.connection import Cluster
from runner.cluster.images import is_missing
from runner.cluster.node_runs import FAILED, OVER, TIMED_OUT, NodeRun
from runner.cluster.phases import phase_of_node
from runner.cluster.sources import Around, Outputs, outputs_of, outputs_of_case, sources, through
from runner.cluster.waiting import STARTING
from runner.graph.bindings import END, START
from runner.records.compiled_facts import Facts
from runner.records.data import Source
from runner.records.graph_facts import NodeFact
from runner.records.record import short_name

# Without an order a database gives rows as it likes, and in pages some twice, some never.
OLDEST_FIRST = Sort(key="created_at", direction=Sort.ASCENDING)


@dataclass(frozen=True)
class Level:
    """A workflow in an execution: the one that was started, or one inside a node.

    Attributes:
        parent: the name of the node that it is inside of; empty at the top.
        prefix: of the names of its nodes.
        around: what its bindings refer to.
        node: the node that it is inside of; of the nodes of a condition, which may refer to those beside it, the one
            that chose them. An empty one at the top, and in an execution that a node has started.
    """

    graph: Graph
    parent: str = ""
    prefix: str = ""
    around: Around = field(default_factory=Around)
    node: Node = field(default_factory=Node)

    @property
    def is_case(self) -> bool:
        return self.node.HasField("branch_node")

    def outputs(self, nodes: Iterable[str]) -> Outputs:
        """Where the outputs of the node that it is inside of come from; `nodes` are its own."""
        return outputs_of_case(nodes) if self.is_case else outputs_of(self.graph.template.outputs, self.around)

    def facts(self) -> Iterator[NodeFact]:
        """What the record says of its nodes, those too that have not run; none if its graph is not known."""

        def named(node: str) -> str:
            return self.around.names.get(node, f"{self.parent}/{node}" if self.parent else node)

        facts = Facts(self.graph.nodes.values(), self.graph.types, named, self.parent)
        if self.graph.own and not self.parent:
            yield from facts.ends(self.graph.template.outputs)
        conditions = facts.conditions(self.node) if self.is_case else [""] * len(self.graph.own)
        for node, condition in zip(self.graph.own, conditions, strict=True):
            yield facts.fact(node, named(node.id), self.parent, condition)


class Nodes:
    """The nodes of one execution, looked at again and again; what is over is not asked for again.

    Attributes:
        outputs: where those of the execution come from, as far as its graph says so.
        inside: of each node that has nodes inside, where its outputs come from.
        facts: the nodes of the graphs, those too that have not run, as far as the cluster has given the graphs.
    """

    def __init__(self, cluster: Cluster):
        self.cluster = cluster
        self.over: dict[str, NodeRun] = {}
        self.graphs: dict[str, Graph] = {}
        self.templates: dict[bytes, TaskTemplate | None] = {}
        self.outputs: dict[str, list[Source]] = {}
        self.inside: dict[str, Outputs] = {}
        self.facts: dict[str, NodeFact] = {}

    def look(self, execution: Execution) -> list[NodeRun]:
        """All nodes, those inside others after them."""
        graph = self.graph("", lambda: of_workflow(self.cluster, execution.closure.workflow_id))
        request = NodeExecutionListRequest(workflow_execution_id=execution.id)
        found = list(self.within(request, Level(graph)))
        self.outputs = self.through(sources(graph.template.outputs, Around({node.name: node.name for node in found})))
        parents = {node.parent for node in found if node.status in (FAILED, TIMED_OUT)}
        return [replace(node, failed_inside=node.name in parents, sources=self.through(node.sources)) for node in found]

    def through(self, found: dict[str, list[Source]]) -> dict[str, list[Source]]:
        """Sources as the tasks that made what nodes give which have nodes inside."""
        return {
            name: list(dict.fromkeys(end for item in items for end in through(item, self.inside)))
            for name, items in found.items()
        }

    def graph(self, name: str, find: Callable[[], Graph]) -> Graph:
        """The graph inside a node, asked for until it is there: one that is built at run time comes late."""
        graph = self.graphs.get(name) or find()
        if graph.nodes:
            self.graphs[name] = graph
        return graph

    def within(self, request: NodeExecutionListRequest, level: Level) -> Iterator[NodeRun]:
        request.sort_by.CopyFrom(OLDEST_FIRST)
        listed = self.cluster.pages(self.cluster.client.list_node_executions_paginated, request, "node_executions")
        found = [node for node in listed if name_in_workflow(node) not in (START, END)]
        own = {name_in_workflow(node): level.prefix + node.id.node_id for node in found}
        level = replace(level, around=replace(level.around, names={**level.around.names, **own}))
        self.facts |= {fact.id: fact for fact in level.facts()}
        if level.parent:
            self.inside[level.parent] = level.outputs(own.values())
        for node in found:
            name = level.prefix + node.id.node_id
            given = sources(level.graph.node(node).inputs, level.around)
            run = self.over.get(name) or self.node(node, level.graph)
            run = replace(run, name=name, parent=level.parent, sources=given)
            if run.over:
                self.over[name] = run
            yield run
            if node.metadata.is_parent_node:
                yield from self.children(node, level, run)
            if node.closure.HasField("workflow_node_metadata"):
                yield from self.started(node, level, run)

    def children(self, found: NodeExecution, outer: Level, run: NodeRun) -> Iterator[NodeRun]:
        """The nodes inside a node."""
        inner = self.graph(run.name, lambda: inside(self.cluster, outer.graph, found))
        request = NodeExecutionListRequest(
            workflow_execution_id=found.id.execution_id, unique_parent_id=found.id.node_id
        )
        node = outer.graph.node(found)
        level = replace(outer, graph=inner, parent=run.name, node=node)
        if not level.is_case:
            drawn_by = outer.around.drawn_by if node.HasField("workflow_node") else run.name
            level = replace(level, around=Around(given=run.sources, drawn_by=drawn_by))
        return self.within(request, level)

    def started(self, found: NodeExecution, outer: Level, run: NodeRun) -> Iterator[NodeRun]:
        """The nodes of the execution that a node has started."""
        execution = found.closure.workflow_node_metadata.executionId
        inner = self.graph(run.name, lambda: of_execution(self.cluster, execution))
        around = Around(given=run.sources, drawn_by=outer.around.drawn_by)
        request = NodeExecutionListRequest(workflow_execution_id=execution)
        return self.within(request, Level(inner, run.name, f"{run.name}/", around))

    def node(self, found: NodeExecution, graph: Graph) -> NodeRun:
        """A node with its attempts."""
        closure, task = found.closure, graph.task(found)
        request = TaskExecutionListRequest(node_execution_id=found.id)
        listed = self.cluster.pages(self.cluster.client.list_task_executions_paginated, request, "task_executions")
        attempts = sorted(map(attempt_run, executions := list(listed)), key=lambda attempt: attempt.number)
        task = executions[-1].id.task_id if executions else task
        status = phase_of_node(closure.phase)
        if closure.task_node_metadata.cache_status == CACHE_HIT:
            status = "cached"
        elif status not in OVER and attempts and attempts[-1].waits:
            status = attempts[-1].status
        facts = self.registered(found, graph, task) if task else None
        if status == STARTING and facts and is_missing(facts.image):
            status = f"cannot pull {facts.image}: not found"
        addresses = {"inputs": found.input_uri, "outputs": closure.output_uri}
        return NodeRun(
            identifier=found.id,
            name=found.id.node_id,
            status=status,
            seconds=closure.duration.ToTimedelta().total_seconds(),
            ended=closure.updated_at.ToDatetime().timestamp() if status in OVER else 0,
            own_error=self.error(found),
            task=short_name(task.name) if task else "",
            task_id=task,
            registered=facts,
            has_deck=bool(closure.deck_uri),
            attempts=tuple(attempts),
            addresses={name: url for name, url in addresses.items() if url},
        )

    def registered(self, found: NodeExecution, graph: Graph, task: Identifier) -> TaskFacts | None:
        """What was registered for the task of a node, asked for once."""
        key = task.SerializeToString()
        if key not in self.templates:
            self.templates[key] = template_of(self.cluster, graph, task)
        template = self.templates[key]
        return TaskFacts.of(graph.node(found), template) if template else None

    def error(self, found: NodeExecution) -> ExecutionError | None:
        """Why a node failed, which a list gives the first 100 bytes of."""
        if not found.closure.error.message:
            return None
        request = NodeExecutionGetRequest(id=found.id)
        return self.cluster.call(self.cluster.client.get_node_execution, request).closure.error
