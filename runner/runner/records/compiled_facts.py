"""The facts about a compiled graph that a record keeps, from the messages that a cluster gets."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from flyteidl.core.condition_pb2 import BooleanExpression, ComparisonExpression, ConjunctionExpression, Operand
from flyteidl.core.interface_pb2 import TypedInterface, VariableMap
from flyteidl.core.literals_pb2 import Binding, BindingData, Primitive
from flyteidl.core.types_pb2 import OutputReference
from flyteidl.core.workflow_pb2 import Node
from flytekit.interaction.string_literals import primitive_to_string
from flytekit.models.literals import Primitive as PrimitiveModel

from runner.graph.bindings import FAILURE_NODE, START, key_of
from runner.graph.compiled import Graph
from runner.graph.words import words
from runner.records.data import step
from runner.records.graph_facts import BRANCH, INPUTS, MAP, OTHER, OUTPUTS, PLAN, TASK, WORKFLOW, Edge, NodeFact
from runner.records.record import short_name
from runner.records.text import one_line

KINDS = {"task_node": TASK, "array_node": MAP, "workflow_node": WORKFLOW, "branch_node": BRANCH}
SIGNS = {
    ComparisonExpression.EQ: "==",
    ComparisonExpression.NEQ: "!=",
    ComparisonExpression.GT: ">",
    ComparisonExpression.GTE: ">=",
    ComparisonExpression.LT: "<",
    ComparisonExpression.LTE: "<=",
}
# Characters of a condition.
LONGEST = 60


@dataclass(frozen=True)
class Types:
    """The interfaces of tasks, workflows and launch plans by name, and that of a workflow."""

    entities: Mapping[str, TypedInterface]
    workflow: TypedInterface

    @classmethod
    def of(cls, graph: Graph, workflow: TypedInterface) -> "Types":
        """The types of a workflow in a graph."""
        found = {name: item.interface for name, item in (graph.tasks | graph.workflows).items()} | graph.references
        for name, plan in graph.launch_plans.items():
            if (started := plan.spec.workflow_id.name) in graph.workflows:
                found[name] = graph.workflows[started].interface
        return cls(found, workflow)

    def taken(self, node: Node, name: str) -> str:
        """The type that a node declares for an input, in words; empty if that is not known."""
        return typed(self.entities.get(target(node), TypedInterface()).inputs, name)

    def given(self, node: Node | None, name: str) -> str:
        """The type of an output of a node, or of an input of the workflow."""
        return typed(self.entities.get(target(node), TypedInterface()).outputs if node else self.workflow.inputs, name)


def typed(variables: VariableMap, name: str) -> str:
    """The type of one of the inputs or outputs, in words; empty if that is not known."""
    return words(variables.variables[name].type) if name in variables.variables else ""


def target(node: Node) -> str:
    """The name of what a node runs; empty if it chooses or waits."""
    if node.HasField("array_node"):
        return target(node.array_node.node)
    workflow = node.workflow_node
    return node.task_node.reference_id.name or workflow.sub_workflow_ref.name or workflow.launchplan_ref.name


def part_of(promise: OutputReference) -> str:
    """Which part of an output a promise stands for: `[0]` of a list, `.key` of a dictionary; empty for all of it."""
    return "".join(step(key_of(attribute)) for attribute in promise.attr_path)


def promises(data: BindingData) -> Iterator[tuple[str, str, bool]]:
    """The node and the output that a binding refers to, and whether all of the output is handed on."""
    if data.HasField("promise"):
        yield data.promise.node_id or START, data.promise.var, not data.promise.attr_path
    for part in (
        *data.collection.bindings,
        *(part for _, part in sorted(data.map.bindings.items(), key=lambda item: item[0])),
    ):
        yield from promises(part)


class Facts:
    """What a record says of the nodes of one workflow in a graph.

    Attributes:
        nodes: of the workflow, by what they are called in it. Those in its branches may have the same names.
        types: of what they take and give.
        name: the id of one of them in the record, by what it is called in the workflow.
        parent: the id of the node that the workflow is inside of; empty at the top.
    """

    def __init__(self, nodes: Iterable[Node], types: Types, name: Callable[[str], str], parent: str = ""):
        self.nodes = {node.id: node for node in nodes}
        self.types = types
        self.name = name
        self.parent = parent

    def fact(self, node: Node, id: str, parent: str, case: str = "") -> NodeFact:
        """What a record says of a node, by its id there, that is inside of `parent`."""
        case = case or ("on failure" if node.id == FAILURE_NODE else "")
        kind = KINDS.get(node.WhichOneof("target") or "", OTHER)
        if kind == WORKFLOW and node.workflow_node.launchplan_ref.name:
            kind = PLAN
        name = short_name(target(node)) or node.metadata.name or node.id
        return NodeFact(id, kind, name, parent, case, self.edges(node.inputs, node))

    def edges(self, bindings: Iterable[Binding], node: Node | None = None) -> list[Edge]:
        """What leads to a node, or with none to the outputs of the workflow."""
        found = []
        for item in sorted(bindings, key=lambda item: item.var):  # flytekit has them in any order
            declared = self.types.taken(node, item.var) if node else typed(self.types.workflow.outputs, item.var)
            for source, output, whole in promises(item.binding):
                if source == START and self.parent:
                    continue  # it comes from the node around, whose own edges say from where
                giver = None if source == START else self.nodes.get(source)
                kind = (self.types.given(giver, output) if whole else "") or declared
                found.append(Edge(INPUTS if source == START else self.name(source), item.var, kind))
        known = {edge.node for edge in found}
        first = [self.name(name) for name in sorted(node.upstream_node_ids if node else ()) if name != START]
        return list(dict.fromkeys(found + [Edge(name) for name in first if name not in known]))

    def ends(self, outputs: Iterable[Binding]) -> list[NodeFact]:
        """The nodes that stand for the inputs and the outputs of the run."""
        needs = self.edges(outputs)
        return [NodeFact(INPUTS, INPUTS, INPUTS)] + (
            [NodeFact(OUTPUTS, OUTPUTS, OUTPUTS, needs=needs)] if needs else []
        )

    def conditions(self, node: Node) -> list[str]:
        """The condition of each case of a branch, in the order of its cases."""
        bound = {item.var: item.binding for item in node.inputs}
        block = node.branch_node.if_else
        found = [f"if {self.condition(case.condition, bound)}" for case in (block.case, *block.other)]
        return [one_line(words, LONGEST) for words in (*found, *(["else"] if block.HasField("else_node") else []))]

    def condition(self, asked: BooleanExpression, bound: Mapping[str, BindingData]) -> str:
        """A condition as one would write it in Python."""
        if asked.HasField("conjunction"):
            both = asked.conjunction
            sides = []
            for side in (both.left_expression, both.right_expression):
                mixed = side.HasField("conjunction") and side.conjunction.operator != both.operator
                sides.append(f"({self.condition(side, bound)})" if mixed else self.condition(side, bound))
            return (" and " if both.operator == ConjunctionExpression.AND else " or ").join(sides)
        one = asked.comparison
        left, right = (self.operand(side, bound) for side in (one.left_value, one.right_value))
        return f"{left} {SIGNS.get(one.operator, '?')} {right}"

    def operand(self, side: Operand, bound: Mapping[str, BindingData]) -> str:
        """One side of a comparison: a value, an input of the workflow, the output of a node by its task, or a part."""
        if side.WhichOneof("val") == "var":
            if side.var not in bound:
                return side.var
            promise = bound[side.var].promise
            giver = self.nodes.get(promise.node_id)
            own = promise.var if not giver or promise.var != "o0" else ""
            whole = ".".join(word for word in (short_name(target(giver)) if giver else "", own) if word)
            return whole + part_of(promise)
        primitive = side.primitive if side.WhichOneof("val") == "primitive" else side.scalar.primitive
        return shown(primitive)


def shown(primitive: Primitive) -> str:
    """A constant as Python writes it."""
    kind = primitive.WhichOneof("value")
    if kind is None:
        return "None"
    value = getattr(primitive, kind)
    return (
        repr(value)
        if kind in ("string_value", "boolean")
        else primitive_to_string(PrimitiveModel.from_flyte_idl(primitive))
    )
