"""Inputs from what people write: words of a command line, and the values of TOML, YAML and JSON files.

A word is read as its input's type says. A value of a file has a type already, which must fit: no number becomes a
text, no fraction an integer.
"""

import contextlib
import dataclasses
import typing
from collections.abc import Callable
from configparser import ConfigParser
from datetime import date, datetime, time, timedelta
from typing import Any

from flytekit.interaction.click_types import DateTimeType
from pytimeparse import parse

from runner.local import stored_values
from runner.local.kinds import bare, breadth, choices, is_data_class, is_dictionary, is_list, is_union, named
from runner.local.stored_values import Unfit, shown
from runner.records.text import encodable

INTEGERS = range(-(2**63), 2**63)  # what Flyte can hold
LONGEST = timedelta(seconds=315_576_000_000)  # likewise


def from_text(kind: Any, text: str, remote: bool = False) -> Any:
    """The value of type `kind` that a word of a command line stands for.

    Args:
        kind: the type of the input.
        text: the word.
        remote: whether the value is for a cluster, which gets a copy of a file.

    Raises:
        Unfit: it stands for none.
    """
    kind = bare(kind)
    if is_union(kind):
        return first(kind, lambda variant: from_text(variant, text, remote), text)
    if (found := choices(kind)) is not None:
        for written, value in found:
            if str(written) == text:
                return value
        raise Unfit(f"{shown(text)} is not {named(kind)}")
    if reader := READERS.get(kind):
        try:
            return reader(text)
        except (ValueError, TypeError, ArithmeticError, LookupError):
            raise Unfit(f"{shown(text)} is not a valid {named(kind)}") from None
    if is_list(kind) or is_dictionary(kind) or is_data_class(kind):
        return from_data(kind, stored_values.parsed(text, named(kind)), remote)
    return stored_values.read(kind, text, remote)


def from_data(kind: Any, value: Any, remote: bool = False) -> Any:
    """The same for a value of a TOML, YAML or JSON file, or of a part of it."""
    kind = bare(kind)
    if is_union(kind):
        return first(kind, lambda variant: from_data(variant, value, remote), value)
    if (found := choices(kind)) is not None:
        for written, member in found:
            if type(written) is type(value) and written == value:
                return member
        raise Unfit(f"{shown(value)} is not {named(kind)}")
    if is_list(kind) and isinstance(value, list):
        of = (typing.get_args(kind) or (Any,))[0]
        return [within(f"item {number}", of, item, remote) for number, item in enumerate(value)]
    if is_dictionary(kind) and isinstance(value, dict):
        of_key, of = typing.get_args(kind) or (Any, Any)
        return {key_of(of_key, key): within(f"{key}", of, item, remote) for key, item in value.items()}
    if is_data_class(kind) and isinstance(value, dict):
        return data_class(kind, value, remote)
    if kind in (date, datetime, timedelta) and isinstance(value, str):
        return from_text(kind, value)
    if kind in NATIVE:
        return native(kind, value)
    if is_list(kind) or is_dictionary(kind) or is_data_class(kind):
        raise Unfit(f"{shown(value)} is not a valid {named(kind)}")
    return stored_values.read(kind, value, remote)


def within(where: str, kind: Any, value: Any, remote: bool) -> Any:
    """A part of a value; says in an error which part it is."""
    try:
        return from_data(kind, value, remote)
    except Unfit as unfit:
        raise Unfit(f"{where}: {unfit}") from None


def key_of(kind: Any, key: Any) -> Any:
    """A key of a dictionary, which in JSON is a text, whatever it stands for."""
    return from_text(kind, key) if isinstance(key, str) and bare(kind) is not Any else from_data(kind, key)


def first(kind: Any, read: Callable[[Any], Any], given: Any) -> Any:
    """What the narrowest of a union's types reads: an integer before a float, and a text only if nothing else fits."""
    for variant in sorted(typing.get_args(kind), key=breadth):
        with contextlib.suppress(Unfit):
            return read(variant)
    raise Unfit(f"{shown(given)} is not a valid {named(kind)}")


def data_class(kind: Any, values: dict[Any, Any], remote: bool) -> Any:
    """An object of a data class from its fields by name."""
    fields = {field.name: field for field in dataclasses.fields(kind) if field.init}
    hints = typing.get_type_hints(kind, include_extras=True)
    for name in values.keys() - fields.keys():
        raise Unfit(f"{kind.__name__} has no field {shown(name)}; it has {', '.join(fields)}")
    for name, field in fields.items():
        missing = dataclasses.MISSING
        if name not in values and field.default is missing and field.default_factory is missing:
            raise Unfit(f"{kind.__name__} needs a value of {name}")
    return kind(**{name: within(f"{name}", hints[name], value, remote) for name, value in values.items()})


def native(kind: Any, value: Any) -> Any:
    """A value of a file that needs no reading, if it is of a type that fits."""
    if kind is Any or type(value) is kind:
        return checked(value)
    if kind is float and type(value) is int:
        return float(value)
    if kind is datetime and type(value) is date:
        return datetime.combine(value, time())
    if kind is timedelta and type(value) in (int, float) and abs(value) <= LONGEST.total_seconds():
        return timedelta(seconds=value)
    raise Unfit(f"{shown(value)} is not a valid {named(kind)}")


def checked(value: Any) -> Any:
    """The value, if Flyte can hold it; raises Unfit otherwise."""
    if type(value) is int and value not in INTEGERS:
        raise Unfit(f"{shown(value)} is not an integer of 64 bits")
    if type(value) is timedelta and abs(value) > LONGEST:
        raise Unfit(f"{value} is longer than 10,000 years")
    if type(value) is str and encodable(value) != value:
        raise Unfit(f"{shown(value)} is not UTF-8 text")
    return value


def day(text: str) -> date:
    """The date that a text stands for, "today" for example."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        found = moment(text)
    if found.time() != time() and text not in ("now", "today"):
        raise ValueError  # a date has no time of day
    return found.date()


def moment(text: str) -> datetime:
    """The time that a text stands for: ISO 8601, or as `pyflyte run` takes it ("now", "today - 2 days")."""
    with contextlib.suppress(ValueError):
        return datetime.fromisoformat(text)
    try:
        return DateTimeType().convert(text, None, None)
    except Exception:
        raise ValueError from None


READERS: dict[Any, Callable[[str], Any]] = {
    int: lambda text: checked(int(text)),
    float: float,
    bool: lambda text: ConfigParser.BOOLEAN_STATES[text.lower()],  # true, yes, on, 1, and their opposites
    str: checked,
    date: day,
    datetime: moment,
    timedelta: lambda text: checked(timedelta(seconds=parse(text))),
    type(None): {"None": None, "null": None}.__getitem__,
}
NATIVE = {*READERS, Any}
