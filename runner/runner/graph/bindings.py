"""Which literals a node gets: its bindings, resolved against what its predecessors gave."""

from collections.abc import Iterable, Mapping

import msgpack
from flyteidl.core.interface_pb2 import VariableMap
from flyteidl.core.literals_pb2 import Binding, BindingData, Literal, LiteralMap
from flyteidl.core.types_pb2 import PromiseAttribute, SimpleType
from flyteidl.core.workflow_pb2 import Node

START = "start-node"


def inputs_of(bindings: Iterable[Binding], values: Mapping[str, LiteralMap]) -> LiteralMap:
    """The literals that bindings stand for.

    Args:
        bindings: a node's inputs, or a workflow's outputs.
        values: the outputs of the nodes that have run, by node; under START the workflow's inputs.
    """
    return LiteralMap(literals={item.var: resolve(item.binding, values) for item in bindings})


def resolve(data: BindingData, values: Mapping[str, LiteralMap]) -> Literal:
    kind = data.WhichOneof("value")
    if kind == "scalar":
        return Literal(scalar=data.scalar)
    if kind == "promise":
        literal = values[data.promise.node_id or START].literals[data.promise.var]
        for step in data.promise.attr_path:
            literal = attribute(literal, step)
        return literal
    if kind == "collection":
        literal = Literal()
        literal.collection.literals.extend(resolve(item, values) for item in data.collection.bindings)
        literal.collection.SetInParent()
        return literal
    if kind == "map":
        literal = Literal()
        for key, item in data.map.bindings.items():
            literal.map.literals[key].CopyFrom(resolve(item, values))
        literal.map.SetInParent()
        return literal
    raise ValueError(f"a binding of kind {kind!r} cannot be resolved")


def attribute(literal: Literal, step: PromiseAttribute) -> Literal:
    """One step into a promise: an element of a list, a key of a map, a field of a data class."""
    key = step.int_value if step.WhichOneof("value") == "int_value" else step.string_value
    kind = literal.WhichOneof("value")
    if kind == "collection":
        return literal.collection.literals[key]
    if kind == "map":
        return literal.map.literals[key]
    packed = literal.scalar.binary
    if packed.tag != "msgpack":
        raise ValueError(f"no attribute {key!r} can be taken of a literal that is not a data class")
    return packed_literal(msgpack.unpackb(packed.value, strict_map_key=False)[key])


def packed_literal(value: object) -> Literal:
    """A field of a data class as a literal: flytekit reads it back by the type of the input."""
    literal = Literal()
    literal.scalar.binary.value = msgpack.packb(value)
    literal.scalar.binary.tag = "msgpack"
    return literal


def with_error(node: Node, inputs: VariableMap, failed: str, message: str) -> Node:
    """A failure handler's node with the error bound to each input that is a FlyteError, which must be optional.

    Args:
        node: the node, whose other inputs are bound to those of its workflow.
        inputs: what the handler takes.
        failed: the id of the node that failed.
        message: what the error says.
    """
    bound = Node()
    bound.CopyFrom(node)
    for name, variable in inputs.variables.items():
        for variant in (kind for kind in variable.type.union_type.variants if kind.simple == SimpleType.ERROR):
            # flytekit bound it to its default.
            binding = next(item for item in bound.inputs if item.var == name).binding
            binding.Clear()
            binding.scalar.union.type.CopyFrom(variant)
            error = binding.scalar.union.value.scalar.error
            error.failed_node_id, error.message = failed, message
    return bound


def predecessors(node: Node) -> set[str]:
    """The nodes that must have run before this one: by promise or by `first >> second`."""

    def promised(data: BindingData) -> Iterable[str]:
        kind = data.WhichOneof("value")
        if kind == "promise":
            yield data.promise.node_id
        for item in (*data.collection.bindings, *data.map.bindings.values()):
            yield from promised(item)

    found = set(node.upstream_node_ids)
    for item in node.inputs:
        found.update(promised(item.binding))
    # The inputs of a branch are those of its conditions; what its cases need is known to them alone.
    for case in cases(node):
        found |= predecessors(case)
    return found - {START, ""}


def cases(node: Node) -> Iterable[Node]:
    """The nodes between which a branch chooses; none of any other node."""
    if node.WhichOneof("target") == "branch_node":
        block = node.branch_node.if_else
        yield from (case.then_node for case in (block.case, *block.other))
        if block.HasField("else_node"):
            yield block.else_node
