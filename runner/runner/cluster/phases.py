"""Phases in words, as people read them."""

from flyteidl.admin.execution_pb2 import Execution
from flyteidl.core.execution_pb2 import WorkflowExecution


def words(phase: str) -> str:
    return phase.lower().replace("_", " ")


def phase_of(execution: Execution) -> str:
    """The phase of an execution."""
    return words(WorkflowExecution.Phase.Name(execution.closure.phase))
