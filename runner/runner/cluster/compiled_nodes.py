"""What each node of an execution runs, as the cluster has the graph: a cache hit, or what was recovered, has no task
execution that would say so; and how a task was registered: its image, resources and retries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from flyteidl.admin.common_pb2 import ObjectGetRequest
from flyteidl.admin.execution_pb2 import WorkflowExecutionGetRequest
from flyteidl.admin.node_execution_pb2 import NodeExecution, NodeExecutionGetDataRequest
from flyteidl.core.compiler_pb2 import CompiledWorkflowClosure
from flyteidl.core.identifier_pb2 import Identifier, WorkflowExecutionIdentifier
from flyteidl.core.interface_pb2 import TypedInterface
from flyteidl.core.literals_pb2 import Binding
from flyteidl.core.tasks_pb2 import TaskTemplate
from flyteidl.core.workflow_pb2 import Node, WorkflowTemplate

from runner.cluster.connection import Cluster
from runner.cluster.errors import NotFound
from runner.graph.bindings import END, START, cases
from runner.harness.quantities import quantities
from runner.records.compiled_facts import Types
from runner.records.literals import declared


def with_branches(nodes: Iterable[Node]) -> Iterator[Node]:
    """Nodes, and those that a condition chooses from, which are called by names of their own."""
    for node in nodes:
        yield node
        yield from with_branches(cases(node))


@dataclass(frozen=True)
class Graph:
    """The nodes of a workflow by their names in it, what its outputs are bound to, and the workflows that it calls.

    `own` are the nodes of the workflow itself, or those that one of its branches chooses from.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    closure: CompiledWorkflowClosure = field(default_factory=CompiledWorkflowClosure)
    outputs: tuple[Binding, ...] = ()
    own: tuple[Node, ...] = ()
    interface: TypedInterface = field(default_factory=TypedInterface)

    @classmethod
    def of(cls, closure: CompiledWorkflowClosure, workflow: Identifier | None = None) -> "Graph":
        """That of a closure's own workflow, or of one that it calls."""
        templates = [one.template for one in (closure.primary, *closure.sub_workflows)]
        template = next((one for one in templates if workflow in (None, one.id)), WorkflowTemplate())
        handler = [template.failure_node] if template.HasField("failure_node") else []
        own = [node for node in (*template.nodes, *handler) if node.id not in (START, END)]
        nodes = {node.id: node for node in with_branches([*template.nodes, *handler])}
        return cls(nodes, closure, tuple(template.outputs), tuple(own), template.interface)

    @property
    def types(self) -> Types:
        """The interfaces of all that is in the closure."""
        workflows = [one.template for one in (self.closure.primary, *self.closure.sub_workflows)]
        entities = [*workflows, *(task.template for task in self.closure.tasks)]
        return Types({entity.id.name: entity.interface for entity in entities}, self.interface)

    def node(self, found: NodeExecution) -> Node:
        """A node that runs a task, which a map task runs for each of its members."""
        node = self.nodes.get(name_in_workflow(found), Node())
        return node.array_node.node if node.HasField("array_node") else node

    def kind(self, found: NodeExecution) -> str:
        """What a node is, in the words of Flyte's protocol: `task_node`, `branch_node`; empty if it is not known."""
        return self.nodes.get(name_in_workflow(found), Node()).WhichOneof("target") or ""

    def bindings(self, found: NodeExecution) -> Sequence[Binding]:
        """What the inputs of a node are bound to."""
        return self.nodes.get(name_in_workflow(found), Node()).inputs

    def task(self, found: NodeExecution) -> Identifier | None:
        """The task that a node runs; None if it runs none, or if that is not known."""
        node, catalog = self.node(found), found.closure.task_node_metadata.catalog_key
        if node.HasField("task_node"):
            return node.task_node.reference_id
        return catalog.source_task_execution.task_id if catalog.HasField("source_task_execution") else None

    def template(self, task: Identifier) -> TaskTemplate | None:
        """A task as the workflow has it."""
        templates = (compiled.template for compiled in self.closure.tasks)
        return next((template for template in templates if template.id == task), None)


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
    try:
        request = ObjectGetRequest(id=task)
        return graph.template(task) or cluster.call(cluster.client.get_task, request).closure.compiled_task.template
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
    node = graph.nodes.get(name_in_workflow(parent), Node())
    if node.HasField("workflow_node"):
        return Graph.of(graph.closure, node.workflow_node.sub_workflow_ref)
    if node.HasField("branch_node"):
        return replace(graph, own=tuple(cases(node)))
    data = cluster.call(cluster.client.get_node_execution_data, NodeExecutionGetDataRequest(id=parent.id))
    return Graph.of(data.dynamic_workflow.compiled_workflow)
