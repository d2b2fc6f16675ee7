"""The nodes of executions that are played and the attempts of their tasks, as a client finds them."""

from flyteidl.admin import node_execution_pb2, task_execution_pb2
from flyteidl.core.execution_pb2 import NodeExecution, TaskExecution
from flyteidl.core.identifier_pb2 import Identifier, NodeExecutionIdentifier
from google.protobuf.timestamp_pb2 import Timestamp

from admin.entities import page
from admin.executions import SECOND, TERMINAL, Executions, error_of_task
from admin.plays import SUCCEEDED, NodeState

OVER = (*TERMINAL, "SKIPPED", "RECOVERED")
ENDS = ("start-node", "end-node")
# Bytes of an error in a list of nodes.
TRIMMED = 100


class Nodes(Executions):
    """The part of the admin service that reports nodes."""

    def state(self, identifier: NodeExecutionIdentifier) -> NodeState:
        """A node as the last look at its execution found it."""
        return self.played(identifier.execution_id).frame.nodes[identifier.node_id]

    def ListNodeExecutions(self, request, context):
        nodes = self.played(request.workflow_execution_id).frame.nodes
        states = {ENDS[0]: SUCCEEDED} | nodes | {ENDS[1]: SUCCEEDED}
        found = [self.node(request.workflow_execution_id, name, state) for name, state in states.items()]
        for node in found:
            message = node.closure.error.message
            node.closure.error.message = message.encode()[:TRIMMED].decode(errors="ignore")
        # Without an order a database gives rows as it likes.
        if request.sort_by.key != "created_at":
            found.reverse()
        nodes, token = page(found, request, self.largest_page)
        return node_execution_pb2.NodeExecutionList(node_executions=nodes, token=token)

    def GetNodeExecution(self, request, context):
        return self.node(request.id.execution_id, request.id.node_id, self.state(request.id))

    def node(self, execution, name: str, state: NodeState) -> node_execution_pb2.NodeExecution:
        found = node_execution_pb2.NodeExecution()
        found.id.node_id, found.metadata.spec_node_id = name, name
        found.id.execution_id.CopyFrom(execution)
        closure = found.closure
        closure.phase = NodeExecution.Phase.Value(state.phase)
        closure.created_at.CopyFrom(Timestamp(seconds=SECOND))
        if state.phase != "QUEUED":
            closure.started_at.CopyFrom(Timestamp(seconds=SECOND))
        if state.phase in OVER:
            closure.duration.seconds = 2
        if state.phase in ("FAILED", "TIMED_OUT"):
            closure.error.CopyFrom(error_of_task(state.error))
        if state.deck:
            closure.deck_uri = f"s3://store/{execution.name}/{name}/deck.html"
            self.files.content[f"{execution.name}/{name}/deck.html"] = state.deck.encode()
        return found

    def GetNodeExecutionData(self, request, context):
        return node_execution_pb2.NodeExecutionGetDataResponse()

    def task_of(self, node: NodeExecutionIdentifier) -> Identifier:
        """The task of a node of the workflow."""
        nodes = self.template(self.played(node.execution_id).request).nodes
        return next(template for template in nodes if template.id == node.node_id).task_node.reference_id

    def ListTaskExecutions(self, request, context):
        identifier = request.node_execution_id
        attempts = self.state(identifier).attempts if identifier.node_id not in ENDS else []
        found = [self.task_execution(identifier, number) for number in range(len(attempts))]
        tasks, token = page(found, request, self.largest_page)
        return task_execution_pb2.TaskExecutionList(task_executions=tasks, token=token)

    def task_execution(self, node: NodeExecutionIdentifier, number: int) -> task_execution_pb2.TaskExecution:
        state, found = self.state(node), task_execution_pb2.TaskExecution()
        found.id.retry_attempt = number
        found.id.node_execution_id.CopyFrom(node)
        found.id.task_id.CopyFrom(self.task_of(node))
        closure = found.closure
        closure.phase = TaskExecution.Phase.Value(state.attempts[number])
        closure.started_at.CopyFrom(Timestamp(seconds=SECOND))
        closure.duration.seconds = 1
        if state.attempts[number] == "FAILED":
            closure.error.CopyFrom(error_of_task(state.error))
        return found
