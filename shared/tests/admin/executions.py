"""Executions: started, recovered, ended, and looked at while they play."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass

import grpc
from flyteidl.admin import execution_pb2, node_execution_pb2, task_execution_pb2
from flyteidl.core.catalog_pb2 import CACHE_HIT
from flyteidl.core.execution_pb2 import ExecutionError, NodeExecution, TaskExecution, WorkflowExecution
from flyteidl.core.identifier_pb2 import Identifier, NodeExecutionIdentifier, WorkflowExecutionIdentifier
from flyteidl.core.literals_pb2 import LiteralMap
from flyteidl.core.workflow_pb2 import WorkflowTemplate
from google.protobuf.timestamp_pb2 import Timestamp

from admin.entities import Entities, key, matches, page
from admin.files import Files
from admin.plays import SUCCEEDED, Frame, NodeState, Play, failing, succeeding
from admin.refusals import Refusal, invalid, missing

TERMINAL = ("SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT")
OVER = (*TERMINAL, "SKIPPED", "RECOVERED")
SECOND = 1_700_000_000
ENDS = ("start-node", "end-node")
# Bytes of an error in a list of nodes.
TRIMMED = 100


def in_workflow(name: str) -> str:
    """What a node, perhaps one inside another, is called in its workflow."""
    return next((end for end in ENDS if name.endswith(end)), name.rpartition("-")[2])


@dataclass
class Played:
    """An execution, and which frame of its play it has reached: every look at it is a step."""

    request: execution_pb2.ExecutionCreateRequest
    inputs: LiteralMap
    play: Play
    outputs: LiteralMap
    number: int
    seen: int = -1

    @property
    def frame(self) -> Frame:
        return self.play[max(self.seen, 0)]


class Executions(Entities):
    """The half of the admin service that keeps executions.

    Attributes:
        files: the store of what tasks write.
        executions: by project, domain and name.
        plays: gives the play of an execution from the nodes of its workflow; None: every node succeeds.
        compute: gives the outputs of a workflow by name for inputs; what it raises fails the execution. None:
            no outputs.
        recovered, ended: the requests to recover and to end executions.
    """

    def __init__(self, files: Files):
        super().__init__()
        self.files = files
        self.executions: dict[tuple[str, str, str], Played] = {}
        self.plays: Callable[[list[str]], Play] | None = None
        self.compute: Callable[[str, LiteralMap], LiteralMap] | None = None
        self.recovered: list[execution_pb2.ExecutionRecoverRequest] = []
        self.ended: list[execution_pb2.ExecutionTerminateRequest] = []

    def CreateExecution(self, request, context):
        self.need_domain(request.project, request.domain)
        plan = self.launch_plans.get(key(request.spec.launch_plan))
        if not plan:
            raise missing("LAUNCH_PLAN", request.spec.launch_plan)
        expected = plan.spec.default_inputs.parameters
        given = request.inputs.literals
        for name in given:
            if name not in expected:
                raise invalid(f"invalid input {name}")
        inputs = LiteralMap()
        for name, parameter in expected.items():
            if name not in given and parameter.required:
                raise invalid(f"expected_inputs {name} missing")
            inputs.literals[name].CopyFrom(given.get(name, parameter.default))
        return execution_pb2.ExecutionCreateResponse(id=self.start(request, inputs))

    def start(self, request, inputs: LiteralMap) -> WorkflowExecutionIdentifier:
        number = len(self.executions)
        one = (request.project, request.domain, request.name or f"a{number:019d}")
        if one in self.executions:
            raise Refusal(grpc.StatusCode.ALREADY_EXISTS, f"value with matching already exists ({one[2]})")
        template = self.template(request)
        nodes = [node.id for node in template.nodes if node.id not in ("start-node", "end-node")]
        play, outputs = (self.plays or succeeding)(nodes), LiteralMap()
        if self.compute and play[-1].phase == "SUCCEEDED":
            try:
                outputs = self.compute(template.id.name, inputs)
            except Exception as error:
                play = failing(nodes[0], f"Trace:\n\n{traceback.format_exc()}\nMessage:\n\n    {error}")
        self.executions[one] = Played(request, inputs, play, outputs, number)
        return WorkflowExecutionIdentifier(project=one[0], domain=one[1], name=one[2])

    def template(self, request) -> WorkflowTemplate:
        plan = self.launch_plans[key(request.spec.launch_plan)]
        return self.workflows[key(plan.spec.workflow_id)].spec.template

    def played(self, identifier: WorkflowExecutionIdentifier) -> Played:
        found = self.executions.get((identifier.project, identifier.domain, identifier.name))
        if not found:
            raise missing("EXECUTION", identifier)
        return found

    def RecoverExecution(self, request, context):
        before = self.played(request.id)
        self.recovered.append(request)
        again = execution_pb2.ExecutionCreateRequest()
        again.CopyFrom(before.request)
        again.name = request.name
        again.spec.metadata.mode = execution_pb2.ExecutionMetadata.RECOVERED
        again.spec.metadata.reference_execution.CopyFrom(request.id)
        return execution_pb2.ExecutionCreateResponse(id=self.start(again, before.inputs))

    def TerminateExecution(self, request, context):
        played = self.played(request.id)
        if played.frame.phase in TERMINAL:
            words = "Cannot abort an already terminated workflow execution"
            raise Refusal(grpc.StatusCode.FAILED_PRECONDITION, words)
        self.ended.append(request)
        nodes = {name: NodeState("ABORTED", ["ABORTED"]) for name in played.frame.nodes}
        played.play, played.seen = [Frame("ABORTED", nodes, request.cause)], 0
        return execution_pb2.ExecutionTerminateResponse()

    def execution(self, identifier: WorkflowExecutionIdentifier) -> execution_pb2.Execution:
        played = self.played(identifier)
        frame, found = played.frame, execution_pb2.Execution(id=identifier, spec=played.request.spec)
        closure = found.closure
        closure.phase = WorkflowExecution.Phase.Value(frame.phase)
        closure.workflow_id.CopyFrom(self.template(played.request).id)
        closure.created_at.CopyFrom(Timestamp(seconds=SECOND + played.number))
        closure.started_at.CopyFrom(closure.created_at)
        closure.duration.seconds = max(played.seen, 0)
        if frame.phase == "ABORTED":
            closure.abort_metadata.cause, closure.abort_metadata.principal = frame.error, "somebody"
        elif frame.error:
            closure.error.CopyFrom(ExecutionError(code="USER:Unknown", message=frame.error))
        return found

    def GetExecution(self, request, context):
        played = self.played(request.id)
        played.seen = min(played.seen + 1, len(played.play) - 1)
        return self.execution(request.id)

    def GetExecutionData(self, request, context):
        played = self.played(request.id)
        outputs = played.outputs if played.frame.phase == "SUCCEEDED" else None
        return execution_pb2.WorkflowExecutionGetDataResponse(full_inputs=played.inputs, full_outputs=outputs)

    def ListExecutions(self, request, context):
        asked = (request.id.project, request.id.domain)
        found = []
        for one in reversed(self.executions):  # the newest first, as everybody asks
            spec = self.executions[one].request.spec
            mode = str(spec.metadata.mode)
            if one[:2] == asked and matches({"launch_plan.name": spec.launch_plan.name, "mode": mode}, request.filters):
                found.append(self.execution(WorkflowExecutionIdentifier(project=one[0], domain=one[1], name=one[2])))
        executions, token = page(found, request, self.largest_page)
        return execution_pb2.ExecutionList(executions=executions, token=token)

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
