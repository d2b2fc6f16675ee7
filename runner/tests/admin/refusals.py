"""How Flyte's admin service refuses: its status codes, in its words."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict


class Refusal(Exception):
    """Ends a call with a status; `service.py` turns it into one."""

    def __init__(self, code: grpc.StatusCode, details: str):
        super().__init__(details)
        self.code = code
        self.details = details


def refusing(code: grpc.StatusCode, details: str, call: str = "") -> Callable[[str], None]:
    """A fault of the service: it refuses every call, or those of this name."""

    def fault(name: str) -> None:
        if call in ("", name):
            raise Refusal(code, details)

    return fault


def missing(kind: str, identifier: Any) -> Refusal:
    return Refusal(grpc.StatusCode.NOT_FOUND, f"missing entity of type {kind} with identifier {text(identifier)}")


def invalid(details: str) -> Refusal:
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, details)


def exists(kind: str, name: str, old: Any, new: Any) -> Refusal:
    """What registering again is answered with; it depends on whether the content is the same."""
    if old == new:
        return Refusal(grpc.StatusCode.ALREADY_EXISTS, f"{kind} with identical structure already exists")
    words = f"{name} {kind} with different structure already exists. (Please register a new version of the {kind}):\n"
    return invalid(words + "\n".join(different(MessageToDict(old), MessageToDict(new))))


def different(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """The values that differ, each with its path."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from different(old.get(key), new.get(key), f"{path}/{key}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from different(one, other, f"{path}/{index}")
    elif old != new:
        yield f"{path}:\n\t- {old} \n\t+ {new}"


def text(identifier: Any) -> str:
    return " ".join(str(identifier).split())
