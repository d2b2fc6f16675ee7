"""Which literals a node gets: its bindings, resolved against what its predecessors gave."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgpack
from flyteidl.core.interface_pb2 import VariableMap
from flyteidl.core.literals_pb2 import Binding, BindingData, Literal, LiteralMap
from flyteidl.core.types_pb2 import OutputReference, PromiseAttribute, SimpleType
from flyteidl.core.workflow_pb2 import Node
from google.protobuf.json_format import MessageToDict

START, END = "start-node", "end-node"
# What flytekit calls the node of a workflow's on_failure.
FAILURE_NODE = "fn0"
PRIMITIVES = {bool: "boolean", int: "integer", float: "float_value", str: "string_value"}


def inputs_of(bindings: Iterable[Binding], values: Mapping[str, LiteralMap]) -> LiteralMap:
    """The literals that bindings stand for.

    Args:
        bindings: a node's inputs, or a workflow's outputs.
        values: the outputs of the nodes that have run, by node; under START the workflow's inputs.
    """
    return LiteralMap(literals={item.var: resolve(item.binding, values) for item in bindings})


class NotThere(Exception):
    """A promise leads to a part of a value that the value does not have; the message is one line."""


def resolve(data: BindingData, values: Mapping[str, LiteralMap]) -> Literal:
    kind = data.WhichOneof("value")
    if kind == "scalar":
        return Literal(scalar=data.scalar)
    if kind == "promise":
        return promised(data.promise, values)
    literal = Literal()
    if kind == "collection":
        literal.collection.literals.extend(resolve(item, values) for item in data.collection.bindings)
        literal.collection.SetInParent()
        return literal
    for key, item in data.map.bindings.items():
        literal.map.literals[key].CopyFrom(resolve(item, values))
    literal.map.SetInParent()
    return literal


def promised(promise: OutputReference, values: Mapping[str, LiteralMap]) -> Literal:
    """The literal that a promise stands for; raises NotThere."""
    literal = values[promise.node_id or START].literals[promise.var]
    try:
        return part(literal, [key_of(step) for step in promise.attr_path])
    except NotThere as error:
        origin = f"output {promise.var} of node {promise.node_id}" if promise.node_id else f"input {promise.var}"
        raise NotThere(f"{origin} {error}") from None


def key_of(step: PromiseAttribute) -> str | int:
    """One step into a value: the index of an element, the key of a map, the name of a field."""
    return step.int_value if step.WhichOneof("value") == "int_value" else step.string_value


def part(literal: Literal, path: Sequence[str | int]) -> Literal:
    """The part of a literal at the end of a path."""
    for number, key in enumerate(path):
        kind = literal.WhichOneof("value")
        if kind not in ("collection", "map"):
            return literal_of(inside(unpacked(literal), path[number:]))
        literal = inside(literal.collection.literals if kind == "collection" else literal.map.literals, [key])
    return literal_of(unpacked(literal)) if path and literal.scalar.WhichOneof("value") == "binary" else literal


def inside(value: Any, path: Sequence[str | int]) -> Any:
    """The part of a list, a dictionary, or what a data class was packed into, at the end of a path."""
    for key in path:
        if isinstance(value, Mapping):
            has = key in value
        elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
            has = isinstance(key, int) and 0 <= key < len(value)
        else:
            raise NotThere(f"has no part {key!r}, since it is a {type(value).__name__}")
        if not has:
            raise NotThere(f"has no part {key!r}")
        value = value[key]
    return value


def unpacked(literal: Literal) -> Any:
    """What a literal holds in packed form: a data class, a dictionary without types."""
    kind = literal.scalar.WhichOneof("value")
    if kind == "generic":
        return MessageToDict(literal.scalar.generic)
    if kind != "binary" or literal.scalar.binary.tag != "msgpack":
        raise NotThere(f"has no parts, since it is a {kind}")
    return msgpack.unpackb(literal.scalar.binary.value, strict_map_key=False)


def literal_of(value: Any) -> Literal:
    """A part of a packed value as Flyte makes it: a primitive, a list of packed elements, or packed again."""
    literal = Literal()
    if isinstance(value, list):
        literal.collection.literals.extend(map(packed, value))
        literal.collection.SetInParent()
        return literal
    if field := PRIMITIVES.get(type(value)):
        setattr(literal.scalar.primitive, field, value)
        return literal
    return packed(value)


def packed(value: Any) -> Literal:
    """A value in packed form: flytekit reads it by the type of the input."""
    literal = Literal()
    literal.scalar.binary.value = msgpack.packb(value)
    literal.scalar.binary.tag = "msgpack"
    return literal


def with_error(node: Node, inputs: VariableMap, message: str) -> Node:
    """A failure handler's node with the error bound to its input `err`, if that is an optional FlyteError.

    As on a cluster, the error names the handler's own node: only its message says what failed.

    Args:
        node: the node, whose other inputs are bound to those of its workflow.
        inputs: what the handler takes.
        message: what the error says.
    """
    bound = Node()
    bound.CopyFrom(node)
    variants = inputs.variables["err"].type.union_type.variants if "err" in inputs.variables else ()
    for variant in (kind for kind in variants if kind.simple == SimpleType.ERROR):
        # flytekit bound it to its default.
        binding = next(item for item in bound.inputs if item.var == "err").binding
        binding.Clear()
        binding.scalar.union.type.CopyFrom(variant)
        error = binding.scalar.union.value.scalar.error
        error.failed_node_id, error.message = node.id, message
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
