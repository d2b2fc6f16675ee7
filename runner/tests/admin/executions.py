"""Executions: started, recovered, ended, and looked at while they play."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass

import grpc
from flyteidl.admin import execution_pb2
from flyteidl.core.execution_pb2 import ExecutionError, WorkflowExecution
from flyteidl.core.identifier_pb2 import WorkflowExecutionIdentifier
from flyteidl.core.literals_pb2 import LiteralMap
from flyteidl.core.workflow_pb2 import WorkflowTemplate
from google.protobuf.timestamp_pb2 import Timestamp

from admin.entities import Entities, key, matches, page
from admin.files import Files
from admin.plays import Frame, NodeState, Play, failing, succeeding
from admin.refusals import Refusal, invalid, missing
from runner.records.errors import reason

TERMINAL = ("SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT")
SECOND = 1_700_000_000


def error_of_task(message: str) -> ExecutionError:
    return ExecutionError(code="USER:RuntimeError", kind=ExecutionError.USER, message=message)


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
                play = failing(nodes[0], f"Trace:\n\n{traceback.format_exc()}\nMessage:\n\n    {reason(error)}")
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
            closure.error.CopyFrom(error_of_task(frame.error))
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
