"""Why an execution did not succeed: the node, its attempt, the last lines of the error."""

import re

from flyteidl.admin.common_pb2 import ObjectGetRequest
from flyteidl.admin.execution_pb2 import Execution
from flyteidl.core.execution_pb2 import WorkflowExecution

from runner.cluster.connection import Cluster
from runner.cluster.errors import ClusterError
from runner.cluster.node_runs import NodeRun
from runner.cluster.phases import phase_of
from runner.records.errors import reason_in

# What a cluster says when it lacks something that a lesson needs, and the next step.
LACKING = [
    (
        r"SparkApplication|sparkoperator|handler.*\bspark\b",
        "the cluster has no Spark operator, or Flyte's Spark plugin is off: make sandbox-up SPARK=1",
    ),
    (
        r"RayJob|ray\.io|handler.*\bray\b",
        "the cluster has no KubeRay operator, or Flyte's Ray plugin is off: make sandbox-up RAY=1",
    ),
    (r"[Ee]xceeded quota|resource quota", "raise the quota of the project, or lower what the tasks ask for"),
    (r"ImagePullBackOff|ErrImagePull", "the cluster cannot pull the image; check REGISTRY, and its access to it"),
    (r"[Ss]ecret.*not found|Unable to find secret", "make the secret in the cluster, as the lesson's README says"),
]
# What Flyte's engine puts before the error of a task whose attempts are used up.
PROPELLER = re.compile(r"^\[\d+/\d+\] currentAttempt done\. Last Error: \w+::")
TIMEOUT = re.compile(r"execution timeout \[.*\] expired")
LAST_LINES = 5
BAD = ("failed", "timed out", "failing", "aborted")


def failure(cluster: Cluster, execution: Execution, nodes: list[NodeRun]) -> tuple[str, str]:
    """What ended an execution: one line, and all that the cluster says of it."""
    closure = execution.closure
    if closure.phase == WorkflowExecution.ABORTED:
        metadata = closure.abort_metadata
        who = f" by {metadata.principal}" if metadata.principal else ""
        return f"the execution was aborted{who}: {metadata.cause or 'no cause given'}", metadata.cause
    node = culprit(nodes)
    message = (node.error if node else "") or closure.error.message
    message = PROPELLER.sub("", message or f"the execution is {phase_of(execution)}")
    reason = reason_in(message, closure.error.code)
    if node:
        verb = "timed out" if node.status == "timed out" or TIMEOUT.search(message) else "failed"
        where = f"task {node.task} (node {node.name})" if node.task else f"node {node.name}"
        count = retries(cluster, node)
        reason = f"{where} {verb} in attempt {max(node.attempt, 1)}, retries={count}: {reason}"
    hint = next((next_step for pattern, next_step in LACKING if re.search(pattern, message)), "")
    return reason + (f"; {hint}" if hint else ""), message


def culprit(nodes: list[NodeRun]) -> NodeRun | None:
    """The node that an execution failed at, which may have no error if it has timed out.

    Of nodes inside one another the innermost knows best; of several, the first.
    """
    bad = [node for node in nodes if node.status in BAD]
    failed = [node for node in bad if node.error] or [node for node in nodes if node.error] or bad
    parents = {node.parent for node in failed}
    return next((node for node in failed if node.task and node.name not in parents), failed[0] if failed else None)


def retries(cluster: Cluster, node: NodeRun) -> str:
    """How often the task of a node is tried again, as it was registered; a question mark if that is not known."""
    if not node.task_id:
        return "?"
    try:
        task = cluster.call(cluster.client.get_task, ObjectGetRequest(id=node.task_id))
    except ClusterError:
        return "?"
    return str(task.closure.compiled_task.template.metadata.retries.retries)
