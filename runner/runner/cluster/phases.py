"""Phases in words, as people read them."""

from typing import Any

from flyteidl.admin.execution_pb2 import Execution
from flyteidl.core.execution_pb2 import NodeExecution, TaskExecution, WorkflowExecution

# Of a task execution that its cluster has taken, and that has not begun.
WAITING = ("UNDEFINED", "QUEUED", "WAITING_FOR_RESOURCES", "INITIALIZING")
MEMBERS = dict.fromkeys(WAITING, "waiting") | {"INITIALIZING": "starting"}
NODES = {"QUEUED": "starting", "DYNAMIC_RUNNING": "running"}


def words(phase: str) -> str:
    return phase.lower().replace("_", " ")


def name_of(phases: Any, phase: int) -> str:
    """The name of a phase in an enumeration; a newer cluster may have phases that this client does not know."""
    return phases.Name(phase) if phase in phases.values() else f"PHASE {phase}"


def phase_of(execution: Execution) -> str:
    """The phase of an execution."""
    return words(name_of(WorkflowExecution.Phase, execution.closure.phase))


def phase_of_node(phase: int) -> str:
    """The phase of a node. Flyte calls it queued until its task has begun, a dynamic one dynamic running."""
    name = name_of(NodeExecution.Phase, phase)
    return NODES.get(name, words(name))


def phase_of_member(phase: int) -> str:
    """The phase of a member of a map task, which Flyte leaves undefined until the member starts."""
    name = name_of(TaskExecution.Phase, phase)
    return MEMBERS.get(name, words(name))
