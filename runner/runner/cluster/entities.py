"""What a lesson has to register: its tasks, workflows and launch plans as a cluster gets them."""

from collections import OrderedDict
from collections.abc import Iterable

from flytekit import FlyteContextManager
from flytekit.configuration import SerializationSettings
from flytekit.core.launch_plan import LaunchPlan as PythonLaunchPlan
from flytekit.core.python_function_task import EagerAsyncPythonFunctionTask
from flytekit.core.workflow import WorkflowBase
from flytekit.models.admin.workflow import WorkflowSpec
from flytekit.models.core.identifier import Identifier
from flytekit.models.core.workflow import Node
from flytekit.models.launch_plan import LaunchPlan
from flytekit.models.task import TaskSpec
from flytekit.tools.translator import get_serializable

from runner.cluster.errors import ClusterError
from runner.records.errors import reason
from runner.typecheck.package import Package, name_of

Entity = TaskSpec | WorkflowSpec | LaunchPlan
KINDS = {TaskSpec: "task", WorkflowSpec: "workflow", LaunchPlan: "launch plan"}


def entities_of(package: Package, settings: SerializationSettings) -> list[Entity]:
    """The workflows and launch plans that a package defines, and what they refer to, each after what it needs.

    A task that no workflow uses stays out: it is there to be called as a function.

    Raises:
        ClusterError: a module cannot be imported, or flytekit refuses what it defines.
    """
    for line, text in package.import_all():
        raise ClusterError(f"{line}: {text}")
    context = FlyteContextManager.current_context().with_serialization_settings(settings)
    found: OrderedDict = OrderedDict()
    for entity in package.entities():
        try:
            with FlyteContextManager.with_context(context):
                serialise(entity, found, settings)
        except Exception as error:
            raise ClusterError(f"{name_of(entity)} cannot be serialised: {reason(error)}") from error
    entities = [entity for entity in found.values() if isinstance(entity, Entity)]
    for workflow in [entity for entity in entities if isinstance(entity, WorkflowSpec)]:
        for template in (workflow.template, *workflow.sub_workflows):
            put_in_order(template.nodes)
    return sorted(entities, key=lambda entity: not isinstance(entity, TaskSpec))


def put_in_order(nodes: Iterable[Node]) -> None:
    """Sorts what flytekit takes from a set: registered again, the same workflow must not look like a new one."""
    for node in nodes:
        node.upstream_node_ids.sort()
        if node.branch_node:
            block = node.branch_node.if_else
            cases = [case.then_node for case in (block.case, *(block.other or ()))]
            put_in_order([*cases, block.else_node] if block.else_node else cases)


def serialise(entity: object, found: OrderedDict, settings: SerializationSettings) -> None:
    """Adds an entity and what it refers to; a workflow comes with the launch plan that starts it by default."""
    # An eager workflow is a task to flytekit; another workflow starts it.
    workflow = entity.get_as_workflow() if isinstance(entity, EagerAsyncPythonFunctionTask) else entity
    if isinstance(workflow, WorkflowBase | PythonLaunchPlan):
        get_serializable(found, settings, workflow)
    if isinstance(workflow, WorkflowBase):
        default = PythonLaunchPlan.get_default_launch_plan(FlyteContextManager.current_context(), workflow)
        get_serializable(found, settings, default)


def identifier(entity: Entity) -> Identifier:
    return entity.id if isinstance(entity, LaunchPlan) else entity.template.id
