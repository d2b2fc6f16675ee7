"""The nodes of an execution as the cluster tells them: phases, attempts, why one waits or has failed."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from flyteidl.admin.common_pb2 import Sort
from flyteidl.admin.execution_pb2 import Execution
from flyteidl.admin.node_execution_pb2 import NodeExecution, NodeExecutionGetRequest, NodeExecutionListRequest
from flyteidl.admin.task_execution_pb2 import TaskExecution, TaskExecutionListRequest
from flyteidl.core.catalog_pb2 import CACHE_HIT
from flyteidl.core.execution_pb2 import NodeExecution as NodePhases
from flyteidl.core.execution_pb2 import TaskExecution as TaskPhases
from flyteidl.core.identifier_pb2 import Identifier, NodeExecutionIdentifier

from runner.cluster.compiled_nodes import Graph, inside, name_in_workflow, of_execution, of_workflow
from runner.cluster.connection import Cluster
from runner.cluster.phases import words
from runner.records.record import short_name

# Without an order a database gives rows as it likes, and in pages some twice, some never.
OLDEST_FIRST = Sort(key="created_at", direction=Sort.ASCENDING)
# Flyte's own nodes, in every workflow.
ENDS = ("start-node", "end-node")
OVER = ("succeeded", "failed", "aborted", "skipped", "timed out", "recovered", "cached")


@dataclass(frozen=True)
class NodeRun:
    """A node as one look at the cluster finds it.

    Attributes:
        identifier: what the cluster calls it.
        name: its node, `n0`, or `n0-0-n1` inside another; that of an execution which a node started behind that node's.
        parent: the name of the node that it is inside of; empty at the top.
        task: the task's name without its module.
        status: the phase in words, or cached.
        attempt: 1 for the first; 0 before it.
        seconds: how long it ran.
        error: the cluster's words about why it, or its last attempt so far, failed.
        reason: the cluster's words about why it waits.
        members: of a map task, how far it is.
        task_id: the task that it runs.
        has_deck: whether its task made a deck.
        attempts: the status of each attempt.
    """

    identifier: NodeExecutionIdentifier
    name: str
    status: str
    seconds: float
    parent: str = ""
    error: str = ""
    task: str = ""
    attempt: int = 0
    reason: str = ""
    members: str = ""
    task_id: Identifier | None = None
    has_deck: bool = False
    attempts: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        return self.status in OVER


class Nodes:
    """The nodes of one execution, looked at again and again; what is over is not asked for again."""

    def __init__(self, cluster: Cluster):
        self.cluster = cluster
        self.over: dict[str, NodeRun] = {}
        self.graphs: dict[str, Graph] = {}

    def look(self, execution: Execution) -> list[NodeRun]:
        """All nodes, those inside others after them."""
        graph = self.graph("", lambda: of_workflow(self.cluster, execution.closure.workflow_id))
        return list(self.within(NodeExecutionListRequest(workflow_execution_id=execution.id), graph, "", ""))

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
        run = NodeRun(
            identifier=found.id,
            name=found.id.node_id,
            status=words(NodePhases.Phase.Name(closure.phase)),
            seconds=closure.duration.ToTimedelta().total_seconds(),
            error=self.error(found),
            task=short_name(task.name) if task else "",
            task_id=task,
            has_deck=bool(closure.deck_uri),
        )
        if closure.task_node_metadata.cache_status == CACHE_HIT:
            run = replace(run, status="cached")
        request = TaskExecutionListRequest(node_execution_id=found.id)
        listed = self.cluster.pages(self.cluster.client.list_task_executions_paginated, request, "task_executions")
        attempts = sorted(listed, key=lambda attempt: attempt.id.retry_attempt)
        return with_attempts(run, attempts) if attempts else run

    def error(self, found: NodeExecution) -> str:
        """Why a node failed, which a list gives the first 100 bytes of."""
        if not found.closure.error.message:
            return ""
        whole = self.cluster.call(self.cluster.client.get_node_execution, NodeExecutionGetRequest(id=found.id))
        return whole.closure.error.message


def with_attempts(run: NodeRun, attempts: list[TaskExecution]) -> NodeRun:
    """A node with what its task executions tell."""
    last = attempts[-1]
    waits = TaskPhases.Phase.Name(last.closure.phase) not in ("RUNNING", "SUCCEEDED", "FAILED", "ABORTED")
    errors = [attempt.closure.error.message for attempt in attempts if attempt.closure.error.message]
    resources = sorted(last.closure.metadata.external_resources, key=lambda member: member.retry_attempt)
    # Each attempt of a member is a resource of its own.
    members = {member.index: words(TaskPhases.Phase.Name(member.phase)) for member in resources}
    return replace(
        run,
        task=short_name(last.id.task_id.name),
        task_id=last.id.task_id,
        attempt=last.id.retry_attempt + 1,
        reason=" ".join(last.closure.reason.split()) if waits else "",
        error=run.error or (errors[-1] if errors else ""),
        members=", ".join(f"{count} {phase}" for phase, count in sorted(Counter(members.values()).items())),
        attempts=tuple(words(TaskPhases.Phase.Name(attempt.closure.phase)) for attempt in attempts),
    )
