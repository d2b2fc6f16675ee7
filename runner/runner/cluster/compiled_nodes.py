"""What each node of an execution runs, as the cluster has the graph: a cache hit, or what was recovered, has no task
execution that would tell."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flyteidl.admin.common_pb2 import ObjectGetRequest
from flyteidl.admin.execution_pb2 import WorkflowExecutionGetRequest
from flyteidl.admin.node_execution_pb2 import NodeExecution, NodeExecutionGetDataRequest
from flyteidl.core.compiler_pb2 import CompiledWorkflowClosure
from flyteidl.core.identifier_pb2 import Identifier, WorkflowExecutionIdentifier
from flyteidl.core.workflow_pb2 import Node, WorkflowTemplate

from runner.cluster.connection import Cluster


def with_branches(nodes: Iterable[Node]) -> Iterator[Node]:
    """Nodes, and those that a condition chooses from, which are called by names of their own."""
    for node in nodes:
        yield node
        if node.HasField("branch_node"):
            cases = node.branch_node.if_else
            yield from with_branches([cases.case.then_node, *(other.then_node for other in cases.other)])
            yield from with_branches([cases.else_node] if cases.HasField("else_node") else [])


@dataclass(frozen=True)
class Graph:
    """The nodes of a workflow by their names in it, and the workflows that it calls."""

    nodes: dict[str, Node] = field(default_factory=dict)
    closure: CompiledWorkflowClosure = field(default_factory=CompiledWorkflowClosure)

    @classmethod
    def of(cls, closure: CompiledWorkflowClosure, workflow: Identifier | None = None) -> "Graph":
        """That of a closure's own workflow, or of one that it calls."""
        templates = [one.template for one in (closure.primary, *closure.sub_workflows)]
        template = next((one for one in templates if workflow in (None, one.id)), WorkflowTemplate())
        return cls({node.id: node for node in with_branches(template.nodes)}, closure)

    def task(self, found: NodeExecution) -> Identifier | None:
        """The task that a node runs, a map task for each of its members; None if it runs none."""
        node = self.nodes.get(name_in_workflow(found), Node())
        inner = node.array_node.node if node.HasField("array_node") else node
        return inner.task_node.reference_id if inner.HasField("task_node") else None


def name_in_workflow(found: NodeExecution) -> str:
    """What a node is called in its workflow: `n1`, where its execution is `n0-0-n1`."""
    return found.metadata.spec_node_id or found.id.node_id


def of_workflow(cluster: Cluster, workflow: Identifier) -> Graph:
    """The graph of a registered workflow."""
    found = cluster.call(cluster.client.get_workflow, ObjectGetRequest(id=workflow))
    return Graph.of(found.closure.compiled_workflow)


def of_execution(cluster: Cluster, execution: WorkflowExecutionIdentifier) -> Graph:
    """The graph of an execution that a node has started."""
    found = cluster.call(cluster.client.get_execution, WorkflowExecutionGetRequest(id=execution))
    return of_workflow(cluster, found.closure.workflow_id)


def inside(cluster: Cluster, graph: Graph, parent: NodeExecution) -> Graph:
    """The graph inside a node: of the workflow that it calls, of what it chooses from, or built at run time."""
    node = graph.nodes.get(name_in_workflow(parent), Node())
    if node.HasField("workflow_node"):
        return Graph.of(graph.closure, node.workflow_node.sub_workflow_ref)
    if node.HasField("branch_node"):
        return graph
    data = cluster.call(cluster.client.get_node_execution_data, NodeExecutionGetDataRequest(id=parent.id))
    return Graph.of(data.dynamic_workflow.compiled_workflow)
