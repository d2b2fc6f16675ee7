"""The type of a constant, as Flyte's compiler reads it off the value."""

from collections.abc import Iterable

from flyteidl.core.literals_pb2 import Literal, Primitive, Scalar
from flyteidl.core.types_pb2 import LiteralType, SimpleType, UnionType

PRIMITIVES = {
    "integer": SimpleType.INTEGER,
    "float_value": SimpleType.FLOAT,
    "string_value": SimpleType.STRING,
    "boolean": SimpleType.BOOLEAN,
    "datetime": SimpleType.DATETIME,
    "duration": SimpleType.DURATION,
}


def type_of(literal: Literal) -> LiteralType:
    kind = literal.WhichOneof("value")
    if kind == "collection":
        return LiteralType(collection_type=together(literal.collection.literals))
    if kind == "map":
        return LiteralType(map_value_type=together(literal.map.literals.values()))
    return type_of_scalar(literal.scalar)


def together(literals: Iterable[Literal]) -> LiteralType:
    """The type of the elements: None if there are none, a union if they differ.

    An empty list among other elements is left out, and lists of unions are one list of all their members.
    """
    types: list[LiteralType] = []
    empty: list[LiteralType] = []
    for literal in literals:
        found = type_of(literal)
        kept = empty if literal.HasField("collection") and not literal.collection.literals else types
        if found not in kept:
            kept.append(found)
    types = types or empty
    if len(types) > 1:
        return united(types)
    return types[0] if types else LiteralType(simple=SimpleType.NONE)


def united(types: list[LiteralType]) -> LiteralType:
    """The union of types; a list of it if one of them is a list of a union, as Flyte's compiler has it."""
    variants = [variant for each in types for variant in (each.collection_type.union_type.variants or [each])]
    union = LiteralType(union_type=UnionType(variants=variants))
    nested = any(each.collection_type.HasField("union_type") for each in types)
    return LiteralType(collection_type=union) if nested else union


def type_of_scalar(scalar: Scalar) -> LiteralType:
    kind = scalar.WhichOneof("value")
    if kind == "primitive":
        return type_of_primitive(scalar.primitive)
    if kind == "blob":
        return LiteralType(blob=scalar.blob.metadata.type)
    if kind == "binary":
        packed = scalar.binary.tag == "msgpack"  # a data class or a dict
        return LiteralType(simple=SimpleType.STRUCT if packed else SimpleType.BINARY)
    if kind == "schema":
        return LiteralType(schema=scalar.schema.type)
    if kind == "structured_dataset":
        return LiteralType(structured_dataset_type=scalar.structured_dataset.metadata.structured_dataset_type)
    if kind == "generic":
        return LiteralType(simple=SimpleType.STRUCT)
    if kind == "error":
        return LiteralType(simple=SimpleType.ERROR)
    if kind == "union":
        return LiteralType(union_type=UnionType(variants=[scalar.union.type]))
    return LiteralType(simple=SimpleType.NONE)


def type_of_primitive(primitive: Primitive) -> LiteralType:
    return LiteralType(simple=PRIMITIVES[primitive.WhichOneof("value")])
