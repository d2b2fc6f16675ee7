"""Whether one data class may be given where another is declared, by the JSON schemas that flytekit stores with them.

Two equal schemas fit. Otherwise Flyte's compiler reads both as draft 7 of JSON Schema and asks whether the wanted one
is a part of the given one: each field of it is there, and each field that it requires is required. A field with a
default is not required, so it does not fit a field without one. The rules are inferred from the answers of a cluster.
"""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

# The formats of draft 7, as the compiler's parser knows them. It cannot read a schema with another format, such as
# those of a path or a timedelta: a data class with one fits only an equal one.
FORMATS = {
    *("date-time", "date", "time"),
    *("hostname", "email", "ip-address", "ipv4", "ipv6"),
    *("uri", "iri", "uri-reference", "uriref", "iri-reference", "uri-template"),
    *("regex", "json-pointer", "relative-json-pointer", "format", "encoding", "mediatype"),
}
# Compared as they are: a union fits an equal union only, and a data class that refers to itself only an equal one.
COMPARED = ("format", "anyOf", "$ref", "$defs")
LENGTHS = ("minItems", "maxItems")  # of a tuple
ANNOTATIONS = ("title", "description", "default")


def schema_fits(given: Schema, wanted: Schema) -> bool:
    """Whether a value of the given schema may go where the wanted one is declared."""
    return given == wanted or (readable(given) and readable(wanted) and contains(given, wanted))


def contains(given: Schema, wanted: Schema) -> bool:
    """Whether the wanted schema is a part of the given one.

    The values of an enum, the types of a dictionary's values, and those of a tuple's items are not compared.
    """
    fields, needed = given.get("properties", {}), wanted.get("properties", {})
    return (
        # An enum has no type: an object fits it, but a text does not.
        (given.get("type") == wanted.get("type") or (given.get("type") == "object" and "type" not in wanted))
        and all(name in fields and contains(fields[name], needed[name]) for name in needed)
        and set(wanted.get("required", [])) <= set(given.get("required", []))
        and ("items" not in wanted or ("items" in given and contains(given["items"], wanted["items"])))
        and all(plain(given.get(key)) == plain(wanted.get(key)) for key in COMPARED)
        and all(given.get(key) == wanted[key] for key in LENGTHS if key in wanted)
    )


def readable(schema: Any) -> bool:
    """Whether every format in a schema, at any depth, is one of draft 7."""
    if isinstance(schema, list):
        return all(map(readable, schema))
    if not isinstance(schema, dict):
        return True
    named = schema.get("format")
    return (not isinstance(named, str) or named in FORMATS) and all(map(readable, schema.values()))


def plain(schema: Any) -> Any:
    """A schema without what only describes it."""
    if isinstance(schema, list):
        return [plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    # A field may be called `title`; its schema is a dictionary.
    described = {key for key in ANNOTATIONS if not isinstance(schema.get(key), dict)}
    return {key: plain(value) for key, value in schema.items() if key not in described}
