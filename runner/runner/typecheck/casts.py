"""Which type a value may have to be stored in an input: the rules by which Flyte's compiler refuses a workflow.

They follow flytepropeller 1.16.8, pkg/compiler/validators/typing.go, and agree with what a cluster answered for 4,680
connections (tests/typecheck/connections), except in `fits_blob`, which is stricter on purpose.
"""

from flyteidl.core.types_pb2 import LiteralType, SimpleType, StructuredDatasetType
from google.protobuf.json_format import MessageToDict

from runner.graph.tables import as_table
from runner.typecheck.schemas import schema_fits


def castable(given: LiteralType, wanted: LiteralType) -> bool:
    """Whether a value of type `given` may go where `wanted` is declared."""
    variants = given.union_type.variants
    if len(variants) == 1 and fits(variants[0], wanted):
        return True
    return fits(given, wanted)


def fits(given: LiteralType, wanted: LiteralType) -> bool:
    kind = wanted.WhichOneof("type")
    if kind == "union_type":
        return fits_union(given, wanted)
    if is_none(wanted):
        return is_none(given)
    if kind in ("collection_type", "map_value_type"):
        return given.HasField(kind) and fits_element(getattr(given, kind), getattr(wanted, kind))
    if kind == "structured_dataset_type" and is_none(given):
        return True  # a data frame may always be absent
    if kind in ("structured_dataset_type", "schema"):
        return is_table(given) and fits_table(as_table(given), as_table(wanted))
    if kind == "blob":
        return given.HasField("blob") and fits_blob(given, wanted)
    return fits_simple(given, wanted)


def is_none(literal_type: LiteralType) -> bool:
    return literal_type.HasField("simple") and literal_type.simple == SimpleType.NONE


def is_optional(literal_type: LiteralType) -> bool:
    """Whether an input of this type may be left out."""
    return any(is_none(variant) for variant in literal_type.union_type.variants)


def fits_element(given: LiteralType, wanted: LiteralType) -> bool:
    # The elements of an empty list are of type None, which goes anywhere.
    return is_none(given) or fits(given, wanted)


def fits_union(given: LiteralType, wanted: LiteralType) -> bool:
    """Every member of a union needs a place; what is no union must have exactly one, or the choice is ambiguous."""
    variants = wanted.union_type.variants
    if given.HasField("union_type"):
        return all(any(castable(member, variant) for variant in variants) for member in given.union_type.variants)
    return sum(castable(given, variant) for variant in variants) == 1


def fits_simple(given: LiteralType, wanted: LiteralType) -> bool:
    """Numbers, texts, enums and data classes; an enum is a text, and a text is taken for an enum until it is run."""
    if (given.HasField("enum_type") and is_text(wanted)) or (is_text(given) and wanted.HasField("enum_type")):
        return True
    if given.structure.tag and given.structure.tag != wanted.structure.tag:
        return False
    if is_structure(given) and is_structure(wanted):
        return fits_structure(given, wanted)
    kind = wanted.WhichOneof("type")
    return given.WhichOneof("type") == kind and getattr(given, kind) == getattr(wanted, kind)


def is_text(literal_type: LiteralType) -> bool:
    return literal_type.HasField("simple") and literal_type.simple == SimpleType.STRING


def is_structure(literal_type: LiteralType) -> bool:
    return literal_type.HasField("simple") and literal_type.simple == SimpleType.STRUCT


def fits_structure(given: LiteralType, wanted: LiteralType) -> bool:
    """Data classes by their JSON schemas; a plain `dict`, which has none, is taken for any."""
    if not (given.HasField("metadata") and wanted.HasField("metadata")):
        return True
    return schema_fits(MessageToDict(given.metadata), MessageToDict(wanted.metadata))


def fits_blob(given: LiteralType, wanted: LiteralType) -> bool:
    """Files and directories; one of no format goes with any.

    Flyte's compiler accepts a directory for a file, and a file for a directory. The task then fails: we refuse both.
    """
    if given.blob.dimensionality != wanted.blob.dimensionality:
        return False
    return "" in (given.blob.format, wanted.blob.format) or given.blob.format == wanted.blob.format


def is_table(literal_type: LiteralType) -> bool:
    return literal_type.WhichOneof("type") in ("structured_dataset_type", "schema")


def fits_table(given: StructuredDatasetType, wanted: StructuredDatasetType) -> bool:
    """Formats are the same if both are declared; columns, if both declare some, are those wanted and maybe more."""
    formats = {table.format.lower() for table in (given, wanted) if table.format}
    if len(formats) > 1:
        return False
    if not given.columns or not wanted.columns:
        return True
    columns = {column.name: column.literal_type for column in given.columns}
    return all(column.name in columns and fits(columns[column.name], column.literal_type) for column in wanted.columns)
