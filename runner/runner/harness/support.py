"""What the harness does not run, reported before any work instead of run wrong."""

from collections.abc import Iterator

from flyteidl.core.tasks_pb2 import TaskTemplate
from flyteidl.core.workflow_pb2 import Node
from flytekit import LaunchPlan
from flytekit.core.reference_entity import ReferenceEntity
from flytekit.core.workflow import WorkflowBase

from runner.errors import Stop
from runner.graph.bindings import predecessors
from runner.graph.compiled import Graph, every_node, repeated
from runner.harness.launchers import Launcher
from runner.harness.raw import INPUT, PARSERS, is_raw
from runner.records.record import short_name
from runner.typecheck.lost_calls import every_node as every_call
from runner.typecheck.lost_calls import lost_calls
from runner.typecheck.scope import called, calls_launch_plan

# The kinds of nodes that node_kinds.py runs.
KINDS = ("task_node", "workflow_node", "branch_node", "array_node")
ON_A_CLUSTER = "a cluster does: make run REMOTE=1"


class Unsupported(Stop):
    """The workflow has a task or a node that the harness does not run; the message says which, and what does."""


def check(graph: Graph, launcher: Launcher) -> None:
    """Raises Unsupported for the first task or node of the graph that is not run here."""
    for problem in problems(graph, launcher):
        raise Unsupported(problem)


def check_calls(workflow: WorkflowBase) -> None:
    """Raises Unsupported for a call that flytekit loses: the graph may have the output of another node instead."""
    waiting, met = [workflow], set()
    while waiting:
        found = waiting.pop()
        met.add(found.name)
        for finding, _ in lost_calls(found.nodes):
            raise Unsupported(f"{short_name(found.name)}: {finding.text}")
        every = (node.flyte_entity for _, node in every_call(found.nodes))
        here = (entity for entity in every if not isinstance(entity, ReferenceEntity))
        below = (entity.workflow if isinstance(entity, LaunchPlan) else entity for entity in here)
        waiting += [entity for entity in below if isinstance(entity, WorkflowBase) and entity.name not in met]


def problems(graph: Graph, launcher: Launcher) -> Iterator[str]:
    """What of a graph is not run here, a line each."""
    for name, task in graph.tasks.items():
        if problem := problem_of(task) or launcher.problem(task):
            yield f"task {short_name(name)} is {problem}"
    for workflow in (graph.workflow, *graph.workflows.values()):
        for name in repeated(workflow):
            yield (
                f"several nodes of {short_name(workflow.id.name)} have the name {name}, and a cluster would run only "
                "the first of them; give each call its own with_overrides(node_name=…)"
            )
        known = {node.id for node in workflow.nodes}
        for node in every_node(workflow):
            if problem := problem_at(node, graph) or lost(node, known):
                yield f"node {node.id} of {short_name(workflow.id.name)} {problem}"


def problem_of(task: TaskTemplate) -> str:
    """Why no launcher runs a task; empty if there is no reason."""
    if task.HasField("k8s_pod"):
        return f"one with a pod template, which PyTorch's Elastic makes too; the harness runs none, {ON_A_CLUSTER}"
    if task.type == "container_array":
        return "a map task of an older kind, which the harness does not run; use flytekit.map_task"
    if is_raw(task) and (bad := not_in_files(task)):
        return f"a container without Python with {bad}, which is neither a number, a text, a truth value nor a file"
    if is_raw(task) and (bad := not_in_words(task)):
        return f"a container without Python whose command has {bad}, which is no number, text or truth value"
    if not task.HasField("container"):
        return f"of type {task.type}, which has no container; the harness runs none, {ON_A_CLUSTER}"
    return ""


def not_in_files(task: TaskTemplate) -> str:
    """The first input or output of a task that cannot be handed on as a file; empty if all can."""
    interface = task.interface
    for kind, variables in (("input", interface.inputs.variables), ("output", interface.outputs.variables)):
        for name, variable in variables.items():
            if variable.type.simple not in PARSERS and not variable.type.HasField("blob"):
                return f"the {kind} {name}"
    return ""


def not_in_words(task: TaskTemplate) -> str:
    """The first template on a task's command line that stands for no value that is a word; empty if all do."""
    for template in INPUT.finditer(" ".join((*task.container.command, *task.container.args))):
        variable = task.interface.inputs.variables.get(template[1])
        if variable is None or variable.type.simple not in PARSERS:
            return template[0]
    return ""


def problem_at(node: Node, graph: Graph) -> str:
    """Why the harness does not run a node; empty if there is no reason."""
    kind, name = node.WhichOneof("target"), called(node)
    if kind == "gate_node":
        return f"waits (sleep, wait_for_input or approve), which the harness does not; {ON_A_CLUSTER}"
    if kind not in KINDS:
        return f"is a {kind.replace('_', ' ')}, which the harness does not run; {ON_A_CLUSTER}"
    if kind == "array_node" and not node.array_node.node.HasField("task_node"):
        return "maps a launch plan, which a cluster refuses too; call it in a dynamic workflow instead"
    if node.task_node.overrides.HasField("pod_template"):
        return f"has a pod template of its own; the harness runs none, {ON_A_CLUSTER}"
    if kind == "branch_node":
        return ""
    if name in graph.references:
        return f"refers to {name}, which is on a cluster only; {ON_A_CLUSTER}"
    if calls_launch_plan(node) and name not in graph.launch_plans:
        return (
            f"calls the launch plan {name}, which no module of the lesson defines; define it at a module's level, or "
            "run it where it is registered: make run REMOTE=1"
        )
    return ""


def lost(node: Node, known: set[str]) -> str:
    """Why a node takes what no other node gives; empty if all that it takes is there."""
    if missing := sorted(predecessors(node) - known):
        return (
            f"takes an output of {missing[0]}, which is not there: flytekit drops a call among the arguments of a "
            "conditional's case; call it before the conditional"
        )
    return ""
