"""What does not fit in a branch itself: in its conditions, and between the outputs of its cases."""

from collections.abc import Iterator, Mapping

from flyteidl.core.condition_pb2 import BooleanExpression, Operand
from flyteidl.core.literals_pb2 import BindingData
from flyteidl.core.types_pb2 import LiteralType
from flyteidl.core.workflow_pb2 import Node

from runner.graph.bindings import cases
from runner.graph.words import words
from runner.records.record import short_name
from runner.typecheck.literals import type_of_primitive
from runner.typecheck.scope import Mismatch, Scope, Unknown, called

Bound = Mapping[str, BindingData]


def conditions(scope: Scope, node: Node) -> Iterator[tuple[int, str]]:
    """What is wrong with the conditions of a branch, with the number of the case: 0 is that of `if_`."""
    block = node.branch_node.if_else
    bound = {item.var: item.binding for item in node.inputs}
    for number, case in enumerate((block.case, *block.other)):
        try:
            yield from ((number, text) for text in comparisons(scope, case.condition, bound))
        except Mismatch as mismatch:
            yield number, str(mismatch)
        except Unknown:
            continue


def comparisons(scope: Scope, expression: BooleanExpression, bound: Bound) -> Iterator[str]:
    if expression.HasField("conjunction"):
        yield from comparisons(scope, expression.conjunction.left_expression, bound)
        yield from comparisons(scope, expression.conjunction.right_expression, bound)
        return
    sides = (expression.comparison.left_value, expression.comparison.right_value)
    left, right = (operand(scope, side, bound) for side in sides)
    if left != right:
        one, other = (described(scope, side, bound) for side in sides)
        yield f"condition compares {one} with {other}"


def operand(scope: Scope, side: Operand, bound: Bound) -> LiteralType:
    """The type of a side of a comparison; Flyte's compiler takes a whole output for it, never a field of one."""
    if side.WhichOneof("val") == "scalar":
        raise Mismatch("condition compares with None, which a cluster cannot do")
    if side.WhichOneof("val") == "primitive":
        return type_of_primitive(side.primitive)
    return scope.promised(bound[side.var].promise)


def described(scope: Scope, side: Operand, bound: Bound) -> str:
    source = f" ({scope.source(bound[side.var].promise)})" if side.var else ""
    return words(operand(scope, side, bound)) + source


def different_outputs(scope: Scope, node: Node) -> Iterator[str]:
    """Outputs that the cases of a branch have in common must be of the same type.

    Each case is compared with the first, in what all cases up to it have in common, as Flyte's compiler does.
    """
    try:
        (first, outputs), *others = ((short_name(called(case)), scope.outputs(case)) for case in cases(node))
    except Unknown:
        return
    shared = set(outputs)
    for other, theirs in others:
        shared &= theirs.keys()
        for name in sorted(shared):
            if outputs[name] != theirs[name]:
                yield f"output {name} is {words(outputs[name])} after {first}, {words(theirs[name])} after {other}"
