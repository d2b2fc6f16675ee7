"""What each node of an execution runs, as the cluster has the graph: a cache hit, or what was recovered, has no task
execution that would say so; and how a task was registered: its image, resources and retries."""

from dataclasses import dataclass, field, replace
from functools import cached_property

from flyteidl.admin.common_pb2 import ObjectGetRequest
from flyteidl.admin.execution_pb2 import WorkflowExecutionGetRequest
from flyteidl.admin.node_execution_pb2 import NodeExecution, NodeExecutionGetDataRequest
from flyteidl.core.compiler_pb2 import CompiledWorkflowClosure
from flyteidl.core.identifier_pb2 import Identifier, WorkflowExecutionIdentifier
from flyteidl.core.tasks_pb2 import TaskTemplate
from flyteidl.core.workflow_pb2 import Node, WorkflowTemplate

from runner.cluster.connection import Cluster
from runner.cluster.errors import NotFound
from runner.graph.bindings import cases
from runner.graph.compiled import every_node
from runner.graph.compiled import nodes as nodes_of
from runner.harness.quantities import quantities
from runner.records.compiled_facts import Types
from runner.records.literals import declared


@dataclass(frozen=True)
class Graph:
    """A workflow of an execution, and all that it calls.

    `own` are the nodes of the workflow itself, or those that one of its branches chooses from.
    """

    template: WorkflowTemplate = field(default_factory=WorkflowTemplate)
    closure: CompiledWorkflowClosure = field(default_factory=CompiledWorkflowClosure)
    own: tuple[Node, ...] = ()

    @classmethod
    def of(cls, closure: CompiledWorkflowClosure, workflow: Identifier | None = None) -> "Graph":
        """That of a closure's own workflow, or of one that it calls."""
        templates = [one.template for one in (closure.primary, *closure.sub_workflows)]
        template = next((one for one in templates if workflow in (None, one.id)), WorkflowTemplate())
        return cls(template, closure, tuple(nodes_of(template)))

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """By their names in the workflow, with those that a condition chooses from: they have names of their own."""
        return {node.id: node for node in every_node(self.template)}

    @property
    def types(self) -> Types:
        """The interfaces of all that is in the closure."""
        workflows = [one.template for one in (self.closure.primary, *self.closure.sub_workflows)]
        entities = [*workflows, *(task.template for task in self.closure.tasks)]
        return Types({entity.id.name: entity.interface for entity in entities}, self.template.interface)

    def node(self, found: NodeExecution) -> Node:
        """The node that was executed; an empty one if it is not known."""
        return self.nodes.get(name_in_workflow(found), Node())

    def task(self, found: NodeExecution) -> Identifier | None:
        """The task that a node runs; None if it runs none, or if that is not known."""
        node, catalog = member(self.node(found)), found.closure.task_node_metadata.catalog_key
        if node.HasField("task_node"):
            return node.task_node.reference_id
        return catalog.source_task_execution.task_id if catalog.HasField("source_task_execution") else None


def member(node: Node) -> Node:
    """The node itself; of a map task the one that it runs for each of its members."""
    return node.array_node.node if node.HasField("array_node") else node


@dataclass(frozen=True)
class TaskFacts:
    """What was registered for the task of a node, with what its node sets in the place of it.

    Attributes:
        image: the reference of its image.
        retries: how often the user lets it be tried again.
        requests, limits: its resources by name, as Kubernetes writes them.
        interface: the inputs and outputs that it declares.
    """

    image: str
    retries: int
    requests: dict[str, str]
    limits: dict[str, str]
    interface: dict[str, dict[str, str]]

    @classmethod
    def of(cls, node: Node, task: TaskTemplate) -> "TaskFacts":
        node = member(node)
        own, resources = node.task_node.overrides, task.container.resources
        return cls(
            own.container_image or task.container.image,
            node.metadata.retries.retries or task.metadata.retries.retries,
            quantities(resources.requests) | quantities(own.resources.requests),
            quantities(resources.limits) | quantities(own.resources.limits),
            declared(task.interface),
        )


def template_of(cluster: Cluster, graph: Graph, task: Identifier) -> TaskTemplate | None:
    """A task as it was registered: from its workflow, or else asked for by its name; None if the cluster lacks it."""
    if known := next((one.template for one in graph.closure.tasks if one.template.id == task), None):
        return known
    try:
        return cluster.call(cluster.client.get_task, ObjectGetRequest(id=task)).closure.compiled_task.template
    except NotFound:
        return None


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
    node = graph.node(parent)
    if node.HasField("workflow_node"):
        return Graph.of(graph.closure, node.workflow_node.sub_workflow_ref)
    if node.HasField("branch_node"):
        return replace(graph, own=tuple(cases(node)))
    data = cluster.call(cluster.client.get_node_execution_data, NodeExecutionGetDataRequest(id=parent.id))
    return Graph.of(data.dynamic_workflow.compiled_workflow)
