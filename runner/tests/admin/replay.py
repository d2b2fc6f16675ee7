"""Executions as a real cluster answered for them, recorded once and answered again, word for word.

A recording holds the execution, its nodes as a list of them gives these (an error in it is cut after 100 bytes), their
task executions, and what a dynamic workflow became. The graph of the workflow, its tasks, inputs and outputs were not
recorded: of them the answer is empty, and a task is only there when a test registers it.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from flyteidl.admin import execution_pb2, node_execution_pb2, task_execution_pb2, workflow_pb2
from google.protobuf.json_format import ParseDict

from admin.entities import key, page
from admin.nodes import Nodes

FOLDER = Path(__file__).parents[1] / "cluster" / "executions"
NAMES = sorted(file.stem for file in FOLDER.glob("*.json"))


@dataclass(frozen=True)
class RecordedNode:
    parent: str
    node: node_execution_pb2.NodeExecution
    tasks: list[task_execution_pb2.TaskExecution]
    data: node_execution_pb2.NodeExecutionGetDataResponse


@dataclass(frozen=True)
class Recording:
    execution: execution_pb2.Execution
    nodes: list[RecordedNode]

    @property
    def name(self) -> str:
        return self.execution.id.name

    def node(self, name: str) -> RecordedNode:
        return next(recorded for recorded in self.nodes if recorded.node.id.node_id == name)


def recording(name: str) -> Recording:
    """A recording by its name."""
    facts = json.loads((FOLDER / f"{name}.json").read_text())
    execution = ParseDict(facts["execution"], execution_pb2.Execution())
    return Recording(execution, [recorded_node(node) for node in facts["nodes"]])


def recorded_node(facts: dict) -> RecordedNode:
    data = node_execution_pb2.NodeExecutionGetDataResponse()
    if "dynamic_workflow" in facts:
        ParseDict(facts["dynamic_workflow"], data.dynamic_workflow)
    node = ParseDict(facts["node_execution"], node_execution_pb2.NodeExecution())
    tasks = [ParseDict(task, task_execution_pb2.TaskExecution()) for task in facts["task_executions"]]
    return RecordedNode(facts["parent"], node, tasks, data)


class Replay(Nodes):
    """The part of the admin service that answers from recordings; what is not recorded is played as before.

    Attributes:
        recordings: by the names of their executions.
    """

    def __init__(self, files):
        super().__init__(files)
        self.recordings: dict[str, Recording] = {}

    def GetExecution(self, request, context):
        found = self.recordings.get(request.id.name)
        return found.execution if found else super().GetExecution(request, context)

    def GetExecutionData(self, request, context):
        if request.id.name in self.recordings:
            return execution_pb2.WorkflowExecutionGetDataResponse()
        return super().GetExecutionData(request, context)

    def ListNodeExecutions(self, request, context):
        found = self.recordings.get(request.workflow_execution_id.name)
        if not found:
            return super().ListNodeExecutions(request, context)
        nodes = [item.node for item in found.nodes if item.parent == request.unique_parent_id]
        # Without an order a database gives rows as it likes.
        if request.sort_by.key == "created_at":
            nodes.sort(key=lambda node: node.closure.created_at.ToNanoseconds())
        nodes, token = page(nodes, request, self.largest_page)
        return node_execution_pb2.NodeExecutionList(node_executions=nodes, token=token)

    def GetNodeExecution(self, request, context):
        found = self.recordings.get(request.id.execution_id.name)
        return found.node(request.id.node_id).node if found else super().GetNodeExecution(request, context)

    def GetNodeExecutionData(self, request, context):
        found = self.recordings.get(request.id.execution_id.name)
        return found.node(request.id.node_id).data if found else super().GetNodeExecutionData(request, context)

    def ListTaskExecutions(self, request, context):
        identifier = request.node_execution_id
        found = self.recordings.get(identifier.execution_id.name)
        if not found:
            return super().ListTaskExecutions(request, context)
        tasks, token = page(found.node(identifier.node_id).tasks, request, self.largest_page)
        return task_execution_pb2.TaskExecutionList(task_executions=tasks, token=token)

    def GetWorkflow(self, request, context):
        recorded = [found.execution.closure.workflow_id for found in self.recordings.values()]
        if request.id in recorded and key(request.id) not in self.workflows:
            return workflow_pb2.Workflow(id=request.id)
        return super().GetWorkflow(request, context)
