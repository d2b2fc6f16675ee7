"""Every connection of a serialised graph, checked as Flyte's compiler does when a workflow is registered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flyteidl.admin.launch_plan_pb2 import LaunchPlan
from flyteidl.core.literals_pb2 import Binding
from flyteidl.core.workflow_pb2 import Node, WorkflowTemplate

from runner.graph.bindings import cases
from runner.graph.compiled import Graph, repeated
from runner.graph.words import words
from runner.records.record import short_name
from runner.typecheck.bindings import problems
from runner.typecheck.branches import conditions, different_outputs
from runner.typecheck.casts import castable, is_optional
from runner.typecheck.literals import type_of
from runner.typecheck.scope import Scope, Types, Unknown, called, calls_launch_plan, types


@dataclass(frozen=True)
class Finding:
    """Something that does not fit.

    Attributes:
        text: what, where and why, in one line.
        node: the node's id, `n1`, or `n1/n0` inside a branch; "" for what is the workflow's own.
        variable: the affected input or output.
        case: of which case of a branch the condition is wrong.
    """

    text: str
    node: str = ""
    variable: str = ""
    case: int | None = None


def check_workflow(graph: Graph) -> Iterator[Finding]:
    """What does not fit in the graph's workflow. Its sub-workflows are left aside: they are workflows themselves."""
    scope = Scope(graph, graph.workflow)
    if not scope.template.nodes:
        yield Finding("calls nothing; a cluster refuses a workflow without a node")
    for name in repeated(scope.template):
        yield Finding(f"{name}: several calls have this node_name; a cluster runs only the first of them", name)
    for node in scope.template.nodes:
        yield from check_node(scope, node, node.id)
    if scope.template.HasField("failure_node"):
        yield from check_node(scope, scope.template.failure_node, scope.template.failure_node.id)
    wanted = types(scope.template.interface.outputs.variables)
    for variable, text in connections(scope, scope.template.outputs, wanted, optional=set()):
        yield Finding(f"output {text}", variable=variable)


def check_node(scope: Scope, node: Node, path: str) -> Iterator[Finding]:
    """What does not fit at a node; at a branch, in its conditions and in each of its cases."""
    place = f"{path} {short_name(called(node))}"
    if node.HasField("branch_node"):
        for number, text in conditions(scope, node):
            yield Finding(f"{place}: {text}", path, case=number)
        for text in different_outputs(scope, node):
            yield Finding(f"{place}: {text}", path)
        for case in cases(node):
            yield from check_node(scope, case, f"{path}/{case.id}")
        return
    if node.HasField("array_node") and calls_launch_plan(node.array_node.node):
        yield Finding(f"{place}: maps a launch plan, which a cluster refuses; map a task", path)
    try:
        wanted = types(scope.interface(node).inputs.variables)
    except Unknown:
        return
    for variable, text in connections(scope, node.inputs, wanted, scope.has_default(node)):
        yield Finding(f"{place}, input {text}", path, variable)


def connections(
    scope: Scope, bindings: Iterable[Binding], wanted: Types, optional: set[str]
) -> Iterator[tuple[str, str]]:
    """What does not fit among the inputs of a node or the outputs of a workflow: the variable, and the text."""
    bound = {item.var: item.binding for item in bindings}
    for name, data in bound.items():
        if name not in wanted:
            yield name, f"{name}: there is none of this name"
            continue
        for path, text in problems(scope, data, wanted[name]):
            yield name, f"{name}{path}: {text}"
    for name in sorted(wanted.keys() - bound.keys() - optional):
        if not is_optional(wanted[name]):
            yield name, f"{name}: gets nothing, wants {words(wanted[name])}"


def check_launch_plan(plan: LaunchPlan, workflow: WorkflowTemplate) -> Iterator[Finding]:
    """What does not fit among the inputs of a launch plan; the defaults of a workflow's inputs are one's, too."""
    wanted = types(workflow.interface.inputs.variables)
    parameters = plan.spec.default_inputs.parameters.items()
    defaults = {name: item.default for name, item in parameters if item.HasField("default")}
    for kind, literals in (("default", defaults), ("fixed", plan.spec.fixed_inputs.literals)):
        for name, literal in literals.items():
            if name not in wanted:
                yield Finding(f"{kind} input {name}: {short_name(workflow.id.name)} has no such input", variable=name)
            elif not castable(given := type_of(literal), wanted[name]):
                text = f"{kind} input {name}: gets {words(given)}, wants {words(wanted[name])}"
                yield Finding(text, variable=name)
