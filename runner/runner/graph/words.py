"""A type in words: as one would write it in Python, where Python has a word for it."""

from collections.abc import Iterable

from flyteidl.core.types_pb2 import BlobType, LiteralType, SimpleType

from runner.graph.tables import as_table

SIMPLE = {
    SimpleType.NONE: "None",
    SimpleType.INTEGER: "int",
    SimpleType.FLOAT: "float",
    SimpleType.STRING: "str",
    SimpleType.BOOLEAN: "bool",
    SimpleType.DATETIME: "datetime",
    SimpleType.DURATION: "timedelta",
    SimpleType.BINARY: "bytes",
    SimpleType.ERROR: "error",
}


def words(literal_type: LiteralType) -> str:
    kind = literal_type.WhichOneof("type")
    if kind == "collection_type":
        return f"list[{words(literal_type.collection_type)}]"
    if kind == "map_value_type":
        return f"dict[str, {words(literal_type.map_value_type)}]"
    if kind == "union_type":
        return " | ".join(words(variant) for variant in literal_type.union_type.variants)
    if kind == "enum_type":
        return f"enum ({', '.join(literal_type.enum_type.values)})"
    if kind == "blob":
        return file_words(literal_type)
    if kind in ("structured_dataset_type", "schema"):
        return table_words(literal_type)
    if literal_type.simple == SimpleType.STRUCT:
        return structure_words(literal_type)
    return SIMPLE[literal_type.simple]


def structure_words(literal_type: LiteralType) -> str:
    """A data class by name, with its fields: two of one name may differ."""
    fields = literal_type.structure.dataclass_type.items()
    name = dict(literal_type.metadata.items()).get("title", "data class" if fields else "dict")
    # In a union flytekit leaves the fields out.
    return f"{name} ({listed(sorted((name, words(field)) for name, field in fields))})" if fields else name


def file_words(literal_type: LiteralType) -> str:
    blob = literal_type.blob
    if blob.format == "PythonPickle":
        name = dict(literal_type.metadata.items()).get("python_class_name", "object")
        return name.removeprefix("<class '").removesuffix("'>") + " (pickled)"
    noun = "directory" if blob.dimensionality == BlobType.MULTIPART else "file"
    return f"{noun} of format {blob.format}" if blob.format else noun


def table_words(literal_type: LiteralType) -> str:
    table = as_table(literal_type)
    columns = [(column.name, words(column.literal_type)) for column in table.columns]
    stored = f" stored as {table.format}" if table.format else ""
    return f"data frame{stored} ({listed(columns)})" if columns else f"data frame{stored}"


def listed(typed: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name}: {word}" for name, word in typed)
