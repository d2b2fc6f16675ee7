"""Which case of a conditional is taken, as Flyte decides: flytepropeller 1.16.8, pkg/controller/nodes/branch."""

import operator
from datetime import timedelta

from flyteidl.core.condition_pb2 import BooleanExpression, ComparisonExpression, ConjunctionExpression, Operand
from flyteidl.core.literals_pb2 import LiteralMap, Primitive
from flyteidl.core.workflow_pb2 import IfElseBlock, Node
from google.protobuf.timestamp_pb2 import Timestamp

from runner.harness.attempts import TaskFailed

EQUALITY = (ComparisonExpression.EQ, ComparisonExpression.NEQ)
COMPARISONS = {
    ComparisonExpression.EQ: operator.eq,
    ComparisonExpression.NEQ: operator.ne,
    ComparisonExpression.GT: operator.gt,
    ComparisonExpression.GTE: operator.ge,
    # Flyte negates the other two: NaN, which is neither greater than a number nor equal to it, is less.
    ComparisonExpression.LT: lambda left, right: not left >= right,
    ComparisonExpression.LTE: lambda left, right: not left > right,
}
# What Flyte does not compare, where its own name for it says too little.
REFUSED = {None: "a list or dictionary", "none_type": "None", "union": "a union, as every Optional is"}


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
    if type(left) is not type(right):
        kinds = f"{type(left).__name__} with {type(right).__name__}"
        raise TaskFailed(f"a condition compares {kinds} ({left!r} {name} {right!r}); both must be of the same type")
    if isinstance(left, bool) and operation not in EQUALITY:
        raise TaskFailed(f"a condition compares truth values by {name}; they can only be equal or not")
    return COMPARISONS[operation](left, right)


def value(operand: Operand, inputs: LiteralMap) -> object:
    """What an operand stands for: a constant, or one of the node's inputs."""
    kind = operand.WhichOneof("val")
    if kind == "primitive":
        return plain(operand.primitive)
    scalar = inputs.literals[operand.var].scalar if kind == "var" else operand.scalar
    found = scalar.WhichOneof("value")
    if found != "primitive":
        what = f"{operand.var or 'one side'} is {REFUSED.get(found) or 'a ' + found.replace('_', ' ')}"
        raise TaskFailed(f"a condition compares numbers, texts, truth values and times; {what}")
    return plain(scalar.primitive)


def plain(primitive: Primitive) -> object:
    """The value of a primitive; of times the whole seconds, since Flyte does not compare fractions."""
    match primitive.WhichOneof("value"):
        case "datetime":
            return Timestamp(seconds=primitive.datetime.seconds).ToDatetime()
        case "duration":
            return timedelta(seconds=primitive.duration.seconds)
        case kind:
            return getattr(primitive, kind)
