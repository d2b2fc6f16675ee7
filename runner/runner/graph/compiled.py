"""The workflow as a cluster gets it: serialised tasks, workflows and launch plans."""

from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from flyteidl.admin.launch_plan_pb2 import LaunchPlan as LaunchPlanMessage
from flyteidl.core.dynamic_job_pb2 import DynamicJobSpec
from flyteidl.core.interface_pb2 import TypedInterface
from flyteidl.core.tasks_pb2 import TaskTemplate
from flyteidl.core.workflow_pb2 import Node, WorkflowTemplate
from flytekit import ImageSpec
from flytekit.configuration import Image, ImageConfig, SerializationSettings
from flytekit.core.context_manager import FlyteEntities
from flytekit.core.launch_plan import LaunchPlan as LaunchPlanEntity
from flytekit.core.reference_entity import ReferenceEntity
from flytekit.core.workflow import WorkflowBase
from flytekit.models.admin.workflow import WorkflowSpec
from flytekit.models.launch_plan import LaunchPlan
from flytekit.models.task import TaskSpec
from flytekit.tools.translator import get_serializable

from runner.graph import conditions as conditions  # changes how flytekit names what a condition compares
from runner.graph.bindings import END, START, cases


@dataclass
class Graph:
    """A workflow and everything that it refers to, by name.

    Attributes:
        workflow: the workflow's nodes, interface and bindings.
        tasks: every task, with the command line, resources and retries of its container.
        workflows: sub-workflows.
        launch_plans: launch plans that nodes call.
        references: the interfaces of tasks, workflows and launch plans that only a cluster has, as the code declares
            them.
        images: those by which it was compiled.
    """

    workflow: WorkflowTemplate
    tasks: dict[str, TaskTemplate] = field(default_factory=dict)
    workflows: dict[str, WorkflowTemplate] = field(default_factory=dict)
    launch_plans: dict[str, LaunchPlanMessage] = field(default_factory=dict)
    references: dict[str, TypedInterface] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)


def settings(
    images: Mapping[str, str], project: str = "flytesnacks", domain: str = "development", version: str = "local"
) -> SerializationSettings:
    """Serialisation settings for images by name.

    Args:
        images: references such as `localhost:30000/flyte-basics:1a2b3c`, or with `@sha256:…`; tasks that
            name no image get the one called "default".
        project: the project, and below it
        domain: the domain on a cluster in which what is serialised is registered, and
        version: the version that it gets there.
    """
    named = [Image.look_up_image_info(name, reference) for name, reference in images.items()]
    default = next(image for image in named if image.name == "default")
    return SerializationSettings(
        image_config=ImageConfig(default_image=default, images=named),
        project=project,
        domain=domain,
        version=version,
    )


def local_settings(images: Mapping[str, str]) -> SerializationSettings:
    """`settings` for what is not registered: an image that a task declares by an ImageSpec is named, and not built.

    flytekit would ask the image's registry for it, and build it if it is missing.
    """
    found = settings(images)
    for entity in FlyteEntities.entities:
        spec = getattr(entity, "container_image", None) or getattr(entity, "_image", None)
        if isinstance(spec, ImageSpec):
            # A file of requirements that is missing is an error of the workflow that needs it, raised when flytekit
            # serialises that workflow.
            with suppress(OSError):
                found.image_config.images.append(Image.look_up_image_info(spec.id, spec.image_name()))
    return found


def compiled(workflow: WorkflowBase, images: Mapping[str, str]) -> Graph:
    """Serialises a workflow; see `settings` for `images`."""
    entities: OrderedDict = OrderedDict()
    main = get_serializable(entities, local_settings(images), workflow).to_flyte_idl()
    graph = Graph(main.template, images=images)
    add(graph, entities)
    return graph


def drawn_graph(graph: Graph, drawn: DynamicJobSpec, task: TaskTemplate) -> Graph:
    """What the task of a dynamic workflow has drawn, as a graph that knows all that is in the graph around it too.

    It calls a launch plan by its name: on a cluster that one is registered, here a module has defined it.
    """
    whole = Graph(
        WorkflowTemplate(id=task.id, interface=task.interface, nodes=drawn.nodes, outputs=drawn.outputs),
        graph.tasks | {task.id.name: task for task in drawn.tasks},
        graph.workflows | {workflow.id.name: workflow for workflow in drawn.subworkflows},
        {**graph.launch_plans},
        {**graph.references},
        graph.images,
    )
    for workflow in (whole.workflow, *drawn.subworkflows):
        for node in every_node(workflow):
            name = node.workflow_node.launchplan_ref.name
            if name not in whole.launch_plans and (plan := LaunchPlanEntity.CACHE.get(name)):
                entities: OrderedDict = OrderedDict()
                get_serializable(entities, local_settings(graph.images), plan)
                add(whole, entities)
    return whole


def add(graph: Graph, entities: Mapping) -> None:
    """Adds what was serialised to a graph."""
    for source, entity in entities.items():
        if isinstance(source, ReferenceEntity):
            graph.references[source.name] = source.interface.to_flyte_idl()
            continue
        message = entity.to_flyte_idl()
        if isinstance(entity, TaskSpec):
            graph.tasks[message.template.id.name] = message.template
        elif isinstance(entity, WorkflowSpec):
            graph.workflows[message.template.id.name] = message.template
        elif isinstance(entity, LaunchPlan):
            graph.launch_plans[message.id.name] = message


def nodes(workflow: WorkflowTemplate) -> Iterator[Node]:
    """A workflow's own nodes, with the one that handles its failure."""
    yield from (node for node in workflow.nodes if node.id not in (START, END))
    if workflow.HasField("failure_node"):
        yield workflow.failure_node


def repeated(workflow: WorkflowTemplate) -> list[str]:
    """The ids that several nodes have, by with_overrides(node_name=…): a cluster keeps only the first node of each."""
    return [name for name, count in Counter(node.id for node in workflow.nodes).items() if count > 1]


def every_node(workflow: WorkflowTemplate) -> Iterator[Node]:
    """The nodes of a workflow, with those in the cases of its conditionals."""
    waiting = list(nodes(workflow))
    while waiting:
        node = waiting.pop(0)
        yield node
        waiting += cases(node)
