"""The nodes of an execution as the cluster tells them: phases, attempts, why one waits or has failed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from flyteidl.admin.common_pb2 import Sort
from flyteidl.admin.execution_pb2 import Execution
from flyteidl.admin.node_execution_pb2 import NodeExecution, NodeExecutionGetRequest, NodeExecutionListRequest
from flyteidl.admin.task_execution_pb2 import TaskExecutionListRequest
from flyteidl.core.catalog_pb2 import CACHE_HIT
from flyteidl.core.execution_pb2 import ExecutionError
from flyteidl.core.identifier_pb2 import Identifier, NodeExecutionIdentifier
from flyteidl.core.tasks_pb2 import TaskTemplate

from runner.cluster.attempts import AttemptRun, attempt_run
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
from runner.cluster.messages import why
from runner.cluster.phases import phase_of_node
from runner.records.attempts import SYSTEM
from runner.records.record import short_name

# Without an order a database gives rows as it likes, and in pages some twice, some never.
OLDEST_FIRST = Sort(key="created_at", direction=Sort.ASCENDING)
# Flyte's own nodes, in every workflow.
ENDS = ("start-node", "end-node")
FAILED, TIMED_OUT = "failed", "timed out"
OVER = ("succeeded", FAILED, TIMED_OUT, "aborted", "skipped", "recovered", "cached")


@dataclass(frozen=True)
class NodeRun:
    """A node as one look at the cluster finds it.

    Attributes:
        identifier: what the cluster calls it.
        name: its node, `n0`, or `n0-0-n1` inside another; that of an execution which a node started behind that node's.
        parent: the name of the node that it is inside of; empty at the top.
        task: the task's name without its module; empty if it runs none, or if that is not known.
        status: the phase in words, cached, or why its task waits.
        ended: when, in seconds since 1970; 0 before it.
        seconds: how long it ran.
        own_error: why it failed, in the cluster's words about the node; those about its last attempt say more.
        task_id: the task that it runs.
        registered: what was registered for that task; None if that is not known.
        has_deck: whether its task made a deck.
        failed_inside: whether a node inside it failed.
        attempts: of its task.
        addresses: where its inputs and outputs are in the cluster's store.
    """

    identifier: NodeExecutionIdentifier
    name: str
    status: str
    seconds: float
    ended: float = 0
    parent: str = ""
    own_error: ExecutionError | None = None
    task: str = ""
    task_id: Identifier | None = None
    registered: TaskFacts | None = None
    has_deck: bool = False
    failed_inside: bool = False
    attempts: tuple[AttemptRun, ...] = ()
    addresses: dict[str, str] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        return self.status in OVER

    @property
    def attempt(self) -> int:
        """Which attempt it is: 1 for the first; 0 before it."""
        return self.attempts[-1].number + 1 if self.attempts else 0

    @property
    def system_retries(self) -> int:
        """How many attempts before the last one failed by no fault of the task."""
        return sum(attempt.status == SYSTEM for attempt in self.attempts[:-1])

    @property
    def members(self) -> str:
        """Of a map task, how far it is."""
        return self.attempts[-1].members if self.attempts else ""

    @property
    def error(self) -> ExecutionError | None:
        """Why it failed, or else its last attempt so far that did."""
        errors = [attempt.error for attempt in self.attempts if attempt.error]
        if self.status == TIMED_OUT or (self.attempts and self.attempts[-1].error is None and self.own_error):
            return self.own_error
        return errors[-1] if errors else self.own_error

    @property
    def why(self) -> str:
        """The same in one line; empty if nothing has failed."""
        if self.failed_inside:
            return "a node inside it failed"
        return why(self.error, self.memory) if self.error else ""

    @property
    def memory(self) -> str:
        """The memory limit of its task; empty if there is none, or if it is not known."""
        return self.registered.limits.get("memory", "") if self.registered else ""


class Nodes:
    """The nodes of one execution, looked at again and again; what is over is not asked for again."""

    def __init__(self, cluster: Cluster):
        self.cluster = cluster
        self.over: dict[str, NodeRun] = {}
        self.graphs: dict[str, Graph] = {}
        self.templates: dict[bytes, TaskTemplate | None] = {}

    def look(self, execution: Execution) -> list[NodeRun]:
        """All nodes, those inside others after them."""
        graph = self.graph("", lambda: of_workflow(self.cluster, execution.closure.workflow_id))
        found = list(self.within(NodeExecutionListRequest(workflow_execution_id=execution.id), graph, "", ""))
        parents = {node.parent for node in found if node.status in (FAILED, TIMED_OUT)}
        return [replace(node, failed_inside=node.name in parents) for node in found]

    def graph(self, name: str, find: Callable[[], Graph]) -> Graph:
        """The graph inside a node, asked for until it is there: one that is built at run time comes late."""
        graph = self.graphs.get(name) or find()
        if graph.nodes:
            self.graphs[name] = graph
        return graph

    def within(self, request: NodeExecutionListRequest, graph: Graph, parent: str, prefix: str) -> Iterator[NodeRun]:
        request.sort_by.CopyFrom(OLDEST_FIRST)
        listed = self.cluster.pages(self.cluster.client.list_node_executions_paginated, request, "node_executions")
        for found in listed:
            if name_in_workflow(found) in ENDS:
                continue
            name = prefix + found.id.node_id
            run = self.over.get(name) or replace(self.node(found, graph), name=name, parent=parent)
            if run.over:
                self.over[name] = run
            yield run
            if found.metadata.is_parent_node:
                yield from self.children(found, graph, name, prefix)
            if found.closure.HasField("workflow_node_metadata"):
                yield from self.started(found, name)

    def children(self, found: NodeExecution, graph: Graph, name: str, prefix: str) -> Iterator[NodeRun]:
        """The nodes inside a node."""
        inner = self.graph(name, lambda: inside(self.cluster, graph, found))
        request = NodeExecutionListRequest(
            workflow_execution_id=found.id.execution_id, unique_parent_id=found.id.node_id
        )
        return self.within(request, inner, name, prefix)

    def started(self, found: NodeExecution, name: str) -> Iterator[NodeRun]:
        """The nodes of the execution that a node has started."""
        execution = found.closure.workflow_node_metadata.executionId
        inner = self.graph(name, lambda: of_execution(self.cluster, execution))
        return self.within(NodeExecutionListRequest(workflow_execution_id=execution), inner, name, f"{name}/")

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
            registered=self.registered(found, graph, task) if task else None,
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
