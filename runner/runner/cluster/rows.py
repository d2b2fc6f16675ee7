"""Every attempt of an execution's tasks in the run's record, as far as the cluster knows it."""

from pathlib import Path

from flyteidl.admin.node_execution_pb2 import NodeExecutionGetDataRequest

from runner.cluster.connection import Cluster
from runner.cluster.errors import ClusterError
from runner.cluster.messages import why
from runner.cluster.node_runs import NodeRun
from runner.cluster.outputs import deck, whole
from runner.records.attempts import SYSTEM
from runner.records.errors import out_of_time
from runner.records.literals import addresses_of, shown
from runner.records.record import TaskRun


def task_runs(cluster: Cluster, node: NodeRun, folder: Path) -> list[TaskRun]:
    """What the record says of a node: a row for each attempt; the last one with outputs and deck."""
    rows = attempts_of(node) or [row_of(node, 0, node.addresses)]
    last = rows[-1]
    last.status = SYSTEM if last.status == SYSTEM else node.status
    last.error = node.why or last.error
    last.seconds = node.seconds if last.seconds is None and node.seconds else last.seconds
    last.warnings = [f"members: {node.members}"] if "failed" in node.members else []
    try:
        data = cluster.call(cluster.client.get_node_execution_data, NodeExecutionGetDataRequest(id=node.identifier))
        given, made = (whole(cluster, data, what) for what in ("inputs", "outputs"))
        for row in rows:
            row.inputs, row.read = shown(given, folder), addresses_of(given)
        last.outputs, last.written = shown(made, folder), addresses_of(made)
        last.deck = deck(cluster, node, folder) if node.has_deck else None
    except ClusterError as error:
        last.warnings.append(f"not fetched: {error}")
        print(f"  {node.name:<10} {node.task:<24} deck or data not fetched: {error}", flush=True)
    return rows


def attempts_of(node: NodeRun) -> list[TaskRun]:
    """A row for each attempt that the node's task made."""
    rows = []
    for attempt in node.attempts:
        row = row_of(node, attempt.number, attempt.addresses)
        row.status, row.started, row.seconds = attempt.status, attempt.started, attempt.seconds
        row.error = why(attempt.error, node.memory) if attempt.error else None
        if attempt.status == "aborted" and attempt is not node.attempts[-1]:
            row.error = out_of_time("")  # Flyte ends an attempt before the next for no other reason, and says none
        rows.append(row)
    return rows


def row_of(node: NodeRun, number: int, addresses: dict[str, str]) -> TaskRun:
    """What is the same in all rows of a node."""
    row = TaskRun(
        f"{node.task or 'node'} ({node.name})",
        {},
        id=node.name,
        attempt=number,
        task=node.task_id.name if node.task_id else "",
        addresses=addresses,
        parent=node.parent,
        sources=node.sources,
        members=node.members,
    )
    if task := node.registered:
        row.image, _, row.image_id = task.image.partition("@")
        row.requests, row.limits, row.interface = task.requests, task.limits, task.interface
    return row
