"""The types of inputs: which kind each is of, and how messages call it."""

import dataclasses
import types
import typing
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from runner.local import stored_values

NAMES = {
    int: "integer",
    float: "float",
    bool: "boolean",
    str: "text",
    date: "date, as in 2024-12-31",
    datetime: "date and time, as in 2024-12-31T23:59:59",
    timedelta: "duration, as in 1:30:00 or '2 days'",
    type(None): "null",
}


def named(kind: Any) -> str:
    """A type in words."""
    kind = bare(kind)
    if is_union(kind):
        return " or ".join(map(named, typing.get_args(kind)))
    if (found := choices(kind)) is not None:
        return "one of " + ", ".join(str(written) for written, _ in found)
    if is_list(kind) or is_dictionary(kind):
        items = " to ".join(map(named, typing.get_args(kind)))
        return ("JSON list" if is_list(kind) else "JSON object") + (f" of {items}" if items else "")
    if is_data_class(kind):
        return f"JSON object with {', '.join(field.name for field in dataclasses.fields(kind))}"
    return NAMES.get(kind) or stored_values.NAMES.get(kind) or getattr(kind, "__name__", str(kind))


def bare(kind: Any) -> Any:
    """A type without its annotations."""
    return bare(typing.get_args(kind)[0]) if typing.get_origin(kind) is typing.Annotated else kind


def is_union(kind: Any) -> bool:
    return typing.get_origin(kind) in (typing.Union, types.UnionType)


def is_list(kind: Any) -> bool:
    return kind is list or typing.get_origin(kind) is list


def is_dictionary(kind: Any) -> bool:
    return kind is dict or typing.get_origin(kind) is dict


def is_data_class(kind: Any) -> bool:
    """Whether it is a data class that is read here, field by field; one with a reader of its own is read by that."""
    return isinstance(kind, type) and dataclasses.is_dataclass(kind) and not hasattr(kind, "from_json")


def choices(kind: Any) -> list[tuple[Any, Any]] | None:
    """The values of an enum or a literal type, each as it is written and as it is; None for any other type."""
    if typing.get_origin(kind) is typing.Literal:
        return [(value, value) for value in typing.get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [(member.value, member) for member in kind]
    return None


def breadth(kind: Any) -> int:
    """How much a type accepts."""
    kind = bare(kind)
    widening = (int, float, bool, date, datetime, timedelta)
    if kind in widening:
        return widening.index(kind)
    if kind in (str, type(None)):  # --name None is a text for an optional text
        return 11 if kind is str else 12
    return 9 if choices(kind) else 10
