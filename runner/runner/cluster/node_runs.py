"""A node of an execution as one look at the cluster finds it: its phase, its attempts, why it waits or has failed."""

from dataclasses import dataclass, field

from flyteidl.core.execution_pb2 import ExecutionError
from flyteidl.core.identifier_pb2 import Identifier, NodeExecutionIdentifier

from runner.cluster.attempts import AttemptRun
from runner.cluster.compiled_nodes import TaskFacts
from runner.cluster.messages import why
from runner.records.attempts import SYSTEM
from runner.records.data import Source

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
        sources: where each input comes from.
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
    sources: dict[str, list[Source]] = field(default_factory=dict)

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
