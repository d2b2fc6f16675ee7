"""Flyte's literals as a record holds them: values, and what is stored."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
from flyteidl.core.interface_pb2 import TypedInterface
from flyteidl.core.types_pb2 import LiteralType
from flytekit.interaction.string_literals import primitive_to_string
from flytekit.models.literals import Binary, Blob, Literal, LiteralMap, Scalar, Schema, StructuredDataset, Union
from google.protobuf.json_format import MessageToDict

from runner.records.data import STORED, VALUE, Stored, shorter, stored
from runner.records.record import jsonable


def shown(literals: LiteralMap, folder: Path) -> dict[str, Any]:
    """Literals as a record shows them: values, and for stored data its path relative to the run's folder."""
    return {name: shorter(value_of(item), folder) for name, item in literals.literals.items()}


def value_of(literal: Literal) -> Any:
    """A literal as JSON can hold it. What cannot be read is described: a record must not end the run that it is of."""
    try:
        if literal.scalar:
            return jsonable(scalar_value(literal.scalar))
        if literal.collection:
            return [value_of(item) for item in literal.collection.literals]
        if literal.map:
            return {key: value_of(item) for key, item in literal.map.literals.items()}
        return f"stored apart: {literal.offloaded_metadata.uri}"
    except Exception as error:
        return f"could not be read: {type(error).__name__}: {error}"


def scalar_value(scalar: Scalar) -> Any:
    """What a scalar holds; of stored data its address, of data classes their JSON as text."""
    match value := scalar.value:
        case Union():
            return value_of(value.value)
        case Binary() if value.tag == "msgpack":
            return json.dumps(jsonable(unpacked(value)), ensure_ascii=False)
        case Binary():
            return f"{len(value.value)} bytes"
        case Blob() | StructuredDataset() | Schema():
            return value.uri
    if scalar.generic:
        return MessageToDict(scalar.generic)
    if scalar.primitive:
        return primitive_to_string(scalar.primitive)
    return scalar.error.message if scalar.error else None


def unpacked(binary: Binary) -> Any:
    """What a data class, or a dictionary without types, was packed into."""
    return msgpack.unpackb(binary.value, strict_map_key=False, unicode_errors="backslashreplace")


def data_of(literals: LiteralMap, folder: Path) -> dict[str, list[Stored]]:
    """What is stored of literals, as it is now; of values there is nothing."""
    found = {name: dict.fromkeys(addresses(item, str(folder.parent))) for name, item in literals.literals.items()}
    here = {name: [path for path in there if path and "://" not in path] for name, there in found.items()}
    return {name: [stored(path, folder) for path in paths] for name, paths in here.items() if paths}


def declared(interface: TypedInterface) -> dict[str, dict[str, str]]:
    """An interface as a record has it: the inputs and the outputs by name, each as STORED or VALUE."""
    parts = {"inputs": interface.inputs.variables, "outputs": interface.outputs.variables}
    return {
        part: {name: STORED if lies_in_a_store(item.type) else VALUE for name, item in variables.items()}
        for part, variables in parts.items()
    }


def lies_in_a_store(kind: LiteralType) -> bool:
    """Whether values of a type lie in a store, or hold what does."""
    match kind.WhichOneof("type"):
        case "collection_type":
            return lies_in_a_store(kind.collection_type)
        case "map_value_type":
            return lies_in_a_store(kind.map_value_type)
        case "union_type":
            return any(map(lies_in_a_store, kind.union_type.variants))
        case found:
            return found in ("blob", "schema", "structured_dataset_type")


def addresses_of(literals: LiteralMap) -> dict[str, list[Stored]]:
    """The addresses of the data that literals refer to in a store that this machine does not read."""
    found = {name: dict.fromkeys(addresses(item)) for name, item in literals.literals.items()}
    return {name: [Stored(address, "", files=0) for address in there] for name, there in found.items() if there}


def addresses(value: Any, runs: str = "") -> Iterator[str]:
    """The addresses of the data that a literal refers to, and in `runs`, if it is given, of what a data class names."""
    match value:
        case dict() | list():
            for part in value.values() if isinstance(value, dict) else value:
                yield from addresses(part, runs)
        case str() if value.startswith(f"{runs}/"):
            yield value
        case Literal(offloaded_metadata=None):
            parts = value.map or value.collection
            yield from addresses(parts.literals if parts else value.scalar and value.scalar.value, runs)
        case Literal():
            yield value.offloaded_metadata.uri
        case Union():
            yield from addresses(value.value, runs)
        case Binary() if runs and value.tag == "msgpack":
            with contextlib.suppress(ValueError, TypeError):  # it is not what its tag says
                yield from addresses(unpacked(value), runs)
        case Blob() | StructuredDataset() | Schema():
            yield value.uri
