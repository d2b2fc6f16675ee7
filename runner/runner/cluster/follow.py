"""Follows an execution to its end: progress, outputs, decks, the record of the run."""

import os
import time

from flyteidl.admin.execution_pb2 import Execution, WorkflowExecutionGetRequest
from flyteidl.core.execution_pb2 import WorkflowExecution
from flyteidl.core.identifier_pb2 import WorkflowExecutionIdentifier

from runner.cluster.attempts import moment
from runner.cluster.connection import Cluster
from runner.cluster.errors import ClusterError, NoAnswer
from runner.cluster.failures import failure
from runner.cluster.node_runs import NodeRun
from runner.cluster.nodes import Nodes
from runner.cluster.outputs import outputs
from runner.cluster.progress import progress
from runner.cluster.rows import task_runs
from runner.records.errors import spared
from runner.records.files import write_atomically
from runner.records.run_folder import Run, plain

# Seconds between two looks.
POLL_SECONDS = 2
MINUTES = 60
OVER = (
    WorkflowExecution.SUCCEEDED,
    WorkflowExecution.FAILED,
    WorkflowExecution.ABORTED,
    WorkflowExecution.TIMED_OUT,
)


class ExecutionFailed(Exception):
    """An execution did not succeed; the message says which task, node and attempt, and why."""


class StillRunning(ClusterError):
    """The wait is over, the execution goes on."""


def minutes() -> float:
    """How long to wait at most, as WAIT says it."""
    text = os.environ.get("WAIT") or str(MINUTES)
    try:
        wait = float(text)
    except ValueError:
        wait = 0
    if not wait > 0:
        raise ClusterError(f"WAIT={text} is not a number of minutes; write WAIT=90")
    return wait


def again(run: Run) -> str:
    """How to come back to an execution that goes on."""
    lesson, name = run.lesson.name, run.record.execution
    return (
        f"watch it again: make watch PROJECT={lesson} EXECUTION={name}; "
        f"end it: make abort PROJECT={lesson} EXECUTION={name}"
    )


def follow(cluster: Cluster, run: Run, execution: WorkflowExecutionIdentifier, types: dict[str, type]) -> dict:
    """Waits for an execution, shows its progress, and fills the run's record; returns the outputs.

    Raises:
        ExecutionFailed: it failed, timed out or was aborted.
        StillRunning: it did not end in time.
        ClusterError: the cluster is gone for good.
        KeyboardInterrupt: somebody does not want to wait; the execution goes on.
    """
    try:
        deadline = minutes()
        print(f"waiting up to {deadline:g} minutes (WAIT=minutes); Ctrl-C leaves the execution running", flush=True)
        nodes = Nodes(cluster)
        found, looked = wait(cluster, run, execution, nodes, deadline * 60)
        run.record.started = moment(found.closure.started_at)
        seconds = found.closure.duration.ToTimedelta().total_seconds()
        run.record.graph = list(nodes.facts.values())
        run.record.tasks = [row for node in looked for row in task_runs(cluster, node, run.folder)]
        if found.closure.phase == WorkflowExecution.SUCCEEDED:
            values = outputs(cluster, execution, types)
            run.record.outputs, run.record.sources = plain(values), nodes.outputs
            run.end("succeeded", seconds=seconds)
            return values
        reason, message = failure(found, looked)
    except BaseException:
        run.end("interrupted")  # nobody waits any longer
        raise
    with spared("error.txt"):
        write_atomically(run.folder / "error.txt", f"{message}\n")
    run.end("aborted" if found.closure.phase == WorkflowExecution.ABORTED else "failed", reason, seconds)
    raise ExecutionFailed(reason)


def wait(
    cluster: Cluster, run: Run, identifier: WorkflowExecutionIdentifier, nodes: Nodes, seconds: float
) -> tuple[Execution, list[NodeRun]]:
    """Looks at an execution until it is over."""
    start = time.monotonic()
    request = WorkflowExecutionGetRequest(id=identifier)
    with progress() as show:
        while True:
            try:
                found = cluster.call(cluster.client.get_execution, request)
                looked = nodes.look(found)
            except NoAnswer as error:
                raise ClusterError(f"{error}; the execution may go on: {again(run)}") from None
            show(looked)
            if found.closure.phase in OVER:
                return found, looked
            if time.monotonic() - start > seconds:
                raise StillRunning(f"still running after {seconds / 60:g} minutes; {again(run)}")
            time.sleep(POLL_SECONDS)
