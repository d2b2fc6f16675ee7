"""What an execution does, frame by frame: the phases of its nodes as a client sees them, one call after another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flyteidl.core.execution_pb2 import NodeExecution, TaskExecution, WorkflowExecution


@dataclass(frozen=True)
class NodeState:
    """A node in one frame.

    Attributes:
        phase: a phase of NodeExecution.
        attempts: the phases of its task executions, one each.
        error: of the last attempt, and of the node when it has failed for good.
        deck: the content of its deck, if it has one.
    """

    phase: str
    attempts: Sequence[str] = ()
    error: str = ""
    deck: str = ""

    def __post_init__(self):
        NodeExecution.Phase.Value(self.phase)
        for phase in self.attempts:
            TaskExecution.Phase.Value(phase)


@dataclass(frozen=True)
class Frame:
    """An execution as one call finds it."""

    phase: str
    nodes: dict[str, NodeState]
    error: str = ""

    def __post_init__(self):
        WorkflowExecution.Phase.Value(self.phase)


Play = list[Frame]

QUEUED = NodeState("QUEUED")
RUNNING = NodeState("RUNNING", ["RUNNING"])
SUCCEEDED = NodeState("SUCCEEDED", ["SUCCEEDED"])


def succeeding(nodes: Sequence[str]) -> Play:
    """Every node runs once, one after another."""
    frames = [Frame("QUEUED", {})]
    for number, node in enumerate(nodes):
        before = dict.fromkeys(nodes[:number], SUCCEEDED)
        frames += [
            Frame("RUNNING", before | {node: QUEUED}),
            Frame("RUNNING", before | {node: RUNNING}),
        ]
    return [*frames, Frame("SUCCEEDED", dict.fromkeys(nodes, SUCCEEDED))]


def failing(node: str, error: str) -> Play:
    """A node fails, and the execution with it."""
    end = NodeState("FAILED", ["FAILED"], error)
    frames = [Frame("RUNNING", {node: state}) for state in (QUEUED, RUNNING)]
    return [Frame("QUEUED", {}), *frames, Frame("FAILING", {node: end}), Frame("FAILED", {node: end}, error)]


def retrying(node: str, error: str) -> Play:
    """A node fails once, and then succeeds."""
    running = NodeState("RUNNING", ["FAILED", "RUNNING"], error)
    return [
        Frame("RUNNING", {node: RUNNING}),
        Frame("RUNNING", {node: running}),
        Frame("SUCCEEDED", {node: replace(running, phase="SUCCEEDED", attempts=["FAILED", "SUCCEEDED"], error="")}),
    ]


def hanging(node: str) -> Play:
    """A node waits for something that never comes."""
    return [Frame("RUNNING", {node: NodeState("QUEUED", ["QUEUED"])})]


def timed_out(node: str) -> Play:
    """A node takes longer than all its attempts may together, with the time in which they wait."""
    end = NodeState("TIMED_OUT", ["RUNNING"], "Timeout in node")
    return [Frame("RUNNING", {node: RUNNING}), Frame("FAILED", {node: end}, "Timeout in node")]
