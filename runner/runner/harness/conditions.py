"""Which case of a conditional is taken."""

import operator

from flyteidl.core.condition_pb2 import BooleanExpression, ComparisonExpression, ConjunctionExpression, Operand
from flyteidl.core.literals_pb2 import LiteralMap, Primitive
from flyteidl.core.workflow_pb2 import IfElseBlock, Node
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

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
        asked = expression.comparison
        return compared(value(asked.left_value, inputs), asked.operator, value(asked.right_value, inputs))
    both = expression.conjunction
    combine = all if both.operator == ConjunctionExpression.AND else any
    return combine([holds(side, inputs) for side in (both.left_expression, both.right_expression)])


def compared(left: object, operation: int, right: object) -> bool:
    """Whether a comparison holds; raises TaskFailed for what Flyte does not compare."""
    name = ComparisonExpression.Operator.Name(operation)
    if None in (left, right):
        if operation not in (ComparisonExpression.EQ, ComparisonExpression.NEQ):
            raise TaskFailed(f"a condition compares None by {name}; None can only be equal to a value or not")
    elif type(left) is not type(right):
        kinds = f"{type(left).__name__} with {type(right).__name__}"
        raise TaskFailed(f"a condition compares {kinds} ({left!r} {name} {right!r}); both must be of the same type")
    return COMPARISONS[operation](left, right)


def value(operand: Operand, inputs: LiteralMap) -> object:
    """What an operand stands for: a constant, or one of the node's inputs."""
    kind = operand.WhichOneof("val")
    if kind == "primitive":
        return plain(operand.primitive)
    scalar = inputs.literals[operand.var].scalar if kind == "var" else operand.scalar
    found = scalar.WhichOneof("value")
    if found == "none_type":
        return None
    if found != "primitive":
        what = f"{operand.var} is a {found or 'list or dictionary'}"
        raise TaskFailed(f"a condition compares numbers, texts, truth values and times; {what.replace('_', ' ')}")
    return plain(scalar.primitive)


def plain(primitive: Primitive) -> object:
    found = getattr(primitive, primitive.WhichOneof("value"))
    return (found.seconds, found.nanos) if isinstance(found, Timestamp | Duration) else found
