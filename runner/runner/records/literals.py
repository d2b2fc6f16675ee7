"""Flyte's literals as a record holds them: values, and what is stored."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
from flytekit.interaction.string_literals import literal_map_string_repr
from flytekit.models.literals import (
    Binary,
    Blob,
    Literal,
    LiteralCollection,
    LiteralMap,
    Scalar,
    Schema,
    StructuredDataset,
    Union,
)

from runner.records.data import Stored, shorter, stored


def shown(literals: LiteralMap, folder: Path) -> dict[str, Any]:
    """Literals as a record shows them: values, and for stored data its path relative to the run's folder."""
    values = literal_map_string_repr(literals).items()
    return {name: shorter(value, folder) if isinstance(value, str) else value for name, value in values}


def data_of(literals: LiteralMap, folder: Path) -> dict[str, list[Stored]]:
    """What is stored of literals, as it is now; of values there is nothing."""
    found = {name: dict.fromkeys(paths(item, str(folder.parent))) for name, item in literals.literals.items()}
    return {name: [stored(path, folder) for path in there] for name, there in found.items() if there}


def addresses_of(literals: LiteralMap) -> dict[str, list[Stored]]:
    """The addresses of the data that literals refer to in a store that this machine does not read."""
    found = {name: dict.fromkeys(addresses(item)) for name, item in literals.literals.items()}
    return {name: [Stored(address, "", files=0) for address in there] for name, there in found.items() if there}


def addresses(literal: Literal) -> Iterator[str]:
    """The addresses of the data that a literal refers to."""
    match literal.value:
        case LiteralMap():
            for part in literal.value.literals.values():
                yield from addresses(part)
        case LiteralCollection():
            for part in literal.value.literals:
                yield from addresses(part)
        case Scalar():
            match literal.scalar.value:
                case Union() as union:
                    yield from addresses(union.value)
                case Blob() | StructuredDataset() | Schema() as data:
                    yield data.uri


def paths(value: Any, runs: str) -> Iterator[str]:
    """The paths on this machine of the data that a literal refers to, or what a data class in it holds."""
    match value:
        case dict() | list():
            for part in value.values() if isinstance(value, dict) else value:
                yield from paths(part, runs)
        case str() if value.startswith(f"{runs}/"):
            yield value
        case Literal():
            parts = value.map or value.collection
            yield from paths(parts.literals if parts else value.scalar and value.scalar.value, runs)
        case Union():
            yield from paths(value.value, runs)
        case Binary():
            yield from paths(msgpack.unpackb(value.value, strict_map_key=False), runs)
        case Blob() | StructuredDataset() | Schema() if "://" not in value.uri:
            yield value.uri
