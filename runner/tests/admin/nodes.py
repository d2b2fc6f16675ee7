"""The nodes of executions and the attempts of their tasks, as a client finds them in lists and one by one."""

from flyteidl.admin import node_execution_pb2, task_execution_pb2
from flyteidl.core.catalog_pb2 import CACHE_HIT
from flyteidl.core.execution_pb2 import ExecutionError, NodeExecution, TaskExecution
from flyteidl.core.identifier_pb2 import Identifier, NodeExecutionIdentifier, WorkflowExecutionIdentifier
from google.protobuf.timestamp_pb2 import Timestamp

from admin.entities import page
from admin.executions import SECOND, TERMINAL, Executions
from admin.plays import SUCCEEDED, NodeState

OVER = (*TERMINAL, "SKIPPED", "RECOVERED")
ENDS = ("start-node", "end-node")
# Bytes of an error in a list of nodes.
TRIMMED = 100


def in_workflow(name: str) -> str:
    """What a node, perhaps one inside another, is called in its workflow."""
    return next((end for end in ENDS if name.endswith(end)), name.rpartition("-")[2])


class Nodes(Executions):
    """The part of the admin service that tells of nodes."""

    def nodes_of(self, identifier: WorkflowExecutionIdentifier, parent: str) -> dict[str, NodeState]:
        """The nodes of an execution, or those inside one of its nodes."""
        nodes = self.played(identifier).frame.nodes
        return self.every(nodes)[parent].children if parent else nodes

    def every(self, nodes: dict[str, NodeState]) -> dict[str, NodeState]:
        found = dict(nodes)
        for state in nodes.values():
            found |= self.every(state.children)
        return found

    def ListNodeExecutions(self, request, context):
        parent = request.unique_parent_id
        states = self.nodes_of(request.workflow_execution_id, parent)
        start, end = (f"{parent}-0-{name}" if parent else name for name in ENDS)
        states = {start: SUCCEEDED} | states | {end: SUCCEEDED}
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
        identifier = request.id
        state = self.every(self.played(identifier.execution_id).frame.nodes)[identifier.node_id]
        return self.node(identifier.execution_id, identifier.node_id, state)

    def node(self, execution, name: str, state: NodeState) -> node_execution_pb2.NodeExecution:
        found = node_execution_pb2.NodeExecution()
        found.id.node_id, found.metadata.spec_node_id = name, in_workflow(name)
        found.id.execution_id.CopyFrom(execution)
        found.metadata.is_parent_node, found.metadata.is_array = bool(state.children), bool(state.members)
        closure = found.closure
        closure.phase = NodeExecution.Phase.Value(state.phase)
        closure.created_at.CopyFrom(Timestamp(seconds=SECOND))
        if state.phase != "QUEUED":
            closure.started_at.CopyFrom(Timestamp(seconds=SECOND))
        if state.phase in OVER:
            closure.duration.seconds = 2
        if state.phase == "FAILED":
            closure.error.CopyFrom(ExecutionError(code="USER:Unknown", message=state.error))
        if state.deck:
            closure.deck_uri = f"s3://store/{execution.name}/{name}/deck.html"
            self.files.content[f"{execution.name}/{name}/deck.html"] = state.deck.encode()
        if state.cached:
            closure.task_node_metadata.cache_status = CACHE_HIT
        return found

    def GetNodeExecutionData(self, request, context):
        identifier, answer = request.id, node_execution_pb2.NodeExecutionGetDataResponse()
        state = self.every(self.played(identifier.execution_id).frame.nodes)[identifier.node_id]
        template = answer.dynamic_workflow.compiled_workflow.primary.template
        for child in state.children:
            node = template.nodes.add(id=in_workflow(child))
            node.task_node.reference_id.CopyFrom(self.task_of(identifier))
        return answer

    def task_of(self, node: NodeExecutionIdentifier) -> Identifier:
        """The task of a node of the workflow; of one inside another, the task of that, or of the first."""
        templates = [one for one in self.template(self.played(node.execution_id).request).nodes if one.id not in ENDS]
        outer = node.node_id.partition("-")[0]
        template = next((one for one in templates if one.id == outer), templates[0])
        inner = template.array_node.node if template.HasField("array_node") else template
        return inner.task_node.reference_id

    def ListTaskExecutions(self, request, context):
        identifier = request.node_execution_id
        state = self.every(self.played(identifier.execution_id).frame.nodes)[identifier.node_id]
        found = [self.task_execution(identifier, state, number) for number in range(len(state.attempts))]
        tasks, token = page(found, request, self.largest_page)
        return task_execution_pb2.TaskExecutionList(task_executions=tasks, token=token)

    def task_execution(self, node, state: NodeState, number: int) -> task_execution_pb2.TaskExecution:
        found = task_execution_pb2.TaskExecution()
        found.id.retry_attempt = number
        found.id.node_execution_id.CopyFrom(node)
        found.id.task_id.CopyFrom(self.task_of(node))
        closure = found.closure
        closure.phase = TaskExecution.Phase.Value(state.attempts[number])
        closure.started_at.CopyFrom(Timestamp(seconds=SECOND))
        closure.duration.seconds = 1
        closure.reason = state.reason
        if state.attempts[number] == "FAILED":
            closure.error.CopyFrom(ExecutionError(code="USER:Unknown", message=state.error))
        for index, phase in enumerate(state.members):
            if index < state.tried_again:
                closure.metadata.external_resources.add(index=index, phase=TaskExecution.FAILED)
            retry = int(index < state.tried_again)
            closure.metadata.external_resources.add(
                index=index, phase=TaskExecution.Phase.Value(phase), retry_attempt=retry
            )
        return found
