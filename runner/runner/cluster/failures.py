"""Why an execution did not succeed: the task that failed first, its attempt, the reason; and all that is said of it."""

from flyteidl.admin.execution_pb2 import Execution
from flyteidl.core.execution_pb2 import WorkflowExecution

from runner.cluster.messages import next_step, why
from runner.cluster.node_runs import FAILED, TIMED_OUT, NodeRun
from runner.cluster.phases import phase_of
from runner.records.attempts import attempts_made

# Other tasks that failed and are named.
MOST = 3


def failure(execution: Execution, nodes: list[NodeRun]) -> tuple[str, str]:
    """What ended an execution: one line, and all that the cluster says of it."""
    closure = execution.closure
    if closure.phase == WorkflowExecution.ABORTED:
        metadata = closure.abort_metadata
        who = f" by {metadata.principal}" if metadata.principal else ""
        return f"the execution was aborted{who}: {metadata.cause or 'no cause given'}", metadata.cause
    failed = culprits(nodes)
    if not failed:
        message = closure.error.message or f"the execution is {phase_of(execution)}"
        return with_step(why(closure.error) if closure.error.message else message, message), message
    first, *others = failed
    # What Flyte says of the execution is the error of its last node, which may be the failure handler's.
    message = first.error.message if first.error else closure.error.message
    made = attempts_made(max(first.attempt, 1), first.registered and first.registered.retries, first.system_retries)
    line = with_step(f"{named(first)} failed in {made}: {first.why or why(closure.error)}", message)
    if others:
        shown = ", ".join(map(named, others[:MOST])) + (" …" if len(others) > MOST else "")
        line += f"; {len(others)} more failed: {shown}"
    parts = [message, *(f"{named(node)}:\n{node.error.message}" for node in others if node.error)]
    return line, "\n\n".join(parts)


def culprits(nodes: list[NodeRun]) -> list[NodeRun]:
    """The nodes that failed, the first one first. Those that Flyte aborts because of them have an error too.

    Of nodes inside one another the innermost knows best. One inside a node that did not fail was tried again.
    """
    failed = [node for node in nodes if node.status in (FAILED, TIMED_OUT)]
    names = {"", *(node.name for node in failed)}
    innermost = [node for node in failed if node.parent in names and not node.failed_inside]
    return sorted(innermost, key=lambda node: node.ended)


def named(node: NodeRun) -> str:
    return f"task {node.task} (node {node.name})" if node.task else f"node {node.name}"


def with_step(line: str, message: str) -> str:
    step = next_step(message)
    return f"{line}; {step}" if step else line
