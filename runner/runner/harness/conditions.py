"""Which case of a conditional is taken."""

import operator

from flyteidl.core.condition_pb2 import BooleanExpression, ComparisonExpression, ConjunctionExpression, Operand
from flyteidl.core.literals_pb2 import LiteralMap, Primitive
from flyteidl.core.workflow_pb2 import IfElseBlock, Node

from runner.harness.attempts import TaskFailed

COMPARISONS = {
    ComparisonExpression.EQ: operator.eq,
    ComparisonExpression.NEQ: operator.ne,
    ComparisonExpression.GT: operator.gt,
    ComparisonExpression.GTE: operator.ge,
    ComparisonExpression.LT: operator.lt,
    ComparisonExpression.LTE: operator.le,
}


def chosen(block: IfElseBlock, inputs: LiteralMap) -> Node:
    """The node of the first case that holds; raises TaskFailed with the error that `.else_().fail()` names."""
    for case in (block.case, *block.other):
        if holds(case.condition, inputs):
            return case.then_node
    if block.WhichOneof("default") == "error":
        raise TaskFailed(f"no case of the conditional holds: {block.error.message}")
    return block.else_node


def holds(expression: BooleanExpression, inputs: LiteralMap) -> bool:
    if expression.WhichOneof("expr") == "comparison":
        comparison = expression.comparison
        compare = COMPARISONS[comparison.operator]
        return compare(value(comparison.left_value, inputs), value(comparison.right_value, inputs))
    both = expression.conjunction
    combine = all if both.operator == ConjunctionExpression.AND else any
    return combine(holds(side, inputs) for side in (both.left_expression, both.right_expression))


def value(operand: Operand, inputs: LiteralMap) -> object:
    """What an operand stands for: a constant, or one of the node's inputs."""
    kind = operand.WhichOneof("val")
    if kind == "var":
        return plain(inputs.literals[operand.var].scalar.primitive)
    if kind == "primitive":
        return plain(operand.primitive)
    return plain(operand.scalar.primitive) if operand.scalar.HasField("primitive") else None


def plain(primitive: Primitive) -> object:
    kind = primitive.WhichOneof("value")
    found = getattr(primitive, kind)
    return (found.seconds, found.nanos) if kind in ("datetime", "duration") else found
