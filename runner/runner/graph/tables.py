"""Types of data frames: the older FlyteSchema in the words of the newer structured dataset."""

from flyteidl.core.types_pb2 import LiteralType, SchemaType, SimpleType, StructuredDatasetType

# How the columns of the older FlyteSchema are typed, in terms of everything else.
COLUMN_TYPES = {
    SchemaType.SchemaColumn.INTEGER: SimpleType.INTEGER,
    SchemaType.SchemaColumn.FLOAT: SimpleType.FLOAT,
    SchemaType.SchemaColumn.STRING: SimpleType.STRING,
    SchemaType.SchemaColumn.BOOLEAN: SimpleType.BOOLEAN,
    SchemaType.SchemaColumn.DATETIME: SimpleType.DATETIME,
    SchemaType.SchemaColumn.DURATION: SimpleType.DURATION,
}


def as_table(literal_type: LiteralType) -> StructuredDatasetType:
    """A type of data frames; the older FlyteSchema, always stored as parquet, in the words of the newer."""
    if literal_type.HasField("structured_dataset_type"):
        return literal_type.structured_dataset_type
    table = StructuredDatasetType(format="parquet")
    for column in literal_type.schema.columns:
        table.columns.add(name=column.name, literal_type=LiteralType(simple=COLUMN_TYPES[column.type]))
    return table
