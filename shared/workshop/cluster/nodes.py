"""The nodes of an execution as the cluster tells them: phases, attempts, why one waits or has failed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from flyteidl.admin.node_execution_pb2 import NodeExecution, NodeExecutionListRequest
from flyteidl.admin.task_execution_pb2 import TaskExecution, TaskExecutionListRequest
from flyteidl.core.catalog_pb2 import CACHE_HIT
from flyteidl.core.execution_pb2 import NodeExecution as NodePhases
from flyteidl.core.execution_pb2 import TaskExecution as TaskPhases
from flyteidl.core.identifier_pb2 import Identifier, NodeExecutionIdentifier, WorkflowExecutionIdentifier
from workshop.cluster.connection import Cluster
from workshop.cluster.phases import words
from workshop.record import short_name

OVER = ("succeeded", "failed", "aborted", "skipped", "timed out", "recovered", "cached")


@dataclass(frozen=True)
class NodeRun:
    """A node as one look at the cluster finds it.

    Attributes:
        identifier: what the cluster calls it.
        name: its node, `n0`, or `n0-0-n1` inside another.
        task: the task's name without its module, as soon as the task has been started.
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

    def __init__(self, cluster: Cluster, execution: WorkflowExecutionIdentifier):
        self.cluster = cluster
        self.execution = execution
        self.over: dict[str, NodeRun] = {}

    def look(self) -> list[NodeRun]:
        """All nodes, those inside others after them."""
        return list(self.within(self.execution, ""))

    def within(self, execution: WorkflowExecutionIdentifier, parent: str) -> Iterator[NodeRun]:
        request = NodeExecutionListRequest(workflow_execution_id=execution, unique_parent_id=parent)
        for found in self.cluster.pages(self.cluster.client.list_node_executions_paginated, request, "node_executions"):
            name = found.id.node_id
            if name in ("start-node", "end-node"):
                continue
            key = f"{execution.name}/{name}"
            run = self.over.get(key) or self.node(found)
            if run.over:
                self.over[key] = run
            yield run
            if found.metadata.is_parent_node:
                yield from self.within(execution, name)
            if found.closure.HasField("workflow_node_metadata"):
                yield from self.within(found.closure.workflow_node_metadata.executionId, "")

    def node(self, found: NodeExecution) -> NodeRun:
        """A node with its attempts."""
        closure = found.closure
        run = NodeRun(
            identifier=found.id,
            name=found.id.node_id,
            status=words(NodePhases.Phase.Name(closure.phase)),
            seconds=closure.duration.ToTimedelta().total_seconds(),
            error=closure.error.message,
            has_deck=bool(closure.deck_uri),
        )
        if closure.task_node_metadata.cache_status == CACHE_HIT:
            run = replace(run, status="cached")
        request = TaskExecutionListRequest(node_execution_id=found.id)
        listed = self.cluster.pages(self.cluster.client.list_task_executions_paginated, request, "task_executions")
        attempts = sorted(listed, key=lambda attempt: attempt.id.retry_attempt)
        return with_attempts(run, attempts) if attempts else run


def with_attempts(run: NodeRun, attempts: list[TaskExecution]) -> NodeRun:
    """A node with what its task executions tell."""
    last = attempts[-1]
    waits = TaskPhases.Phase.Name(last.closure.phase) not in ("RUNNING", "SUCCEEDED", "FAILED", "ABORTED")
    errors = [attempt.closure.error.message for attempt in attempts if attempt.closure.error.message]
    phases = Counter(words(TaskPhases.Phase.Name(member.phase)) for member in last.closure.metadata.external_resources)
    return replace(
        run,
        task=short_name(last.id.task_id.name),
        task_id=last.id.task_id,
        attempt=last.id.retry_attempt + 1,
        reason=" ".join(last.closure.reason.split()) if waits else "",
        error=run.error or (errors[-1] if errors else ""),
        members=", ".join(f"{count} {phase}" for phase, count in sorted(phases.items())),
        attempts=tuple(words(TaskPhases.Phase.Name(attempt.closure.phase)) for attempt in attempts),
    )
