"""What does not fit in one connection: a promise, a constant, or a list or dictionary of them."""

import re
from collections.abc import Iterator

from flyteidl.core.literals_pb2 import BindingData
from flyteidl.core.types_pb2 import LiteralType

from runner.graph.words import words
from runner.typecheck.casts import castable
from runner.typecheck.scope import Mismatch, Scope, Unknown

# The path to the affected element, such as `[1]`, and what is wrong there.
Problems = Iterator[tuple[str, str]]
# What flytekit writes for a value of a workflow in a text, as in f"hello {name}": a cluster hands on that text.
PROMISE = re.compile(r"Promise\(node:.*\)")


def problems(scope: Scope, data: BindingData, wanted: LiteralType) -> Problems:
    try:
        if data.HasField("promise") or data.HasField("scalar"):
            yield from of_value(scope, data, wanted)
        elif wanted.HasField("union_type"):
            yield from of_choice(scope, data, wanted)
        elif data.HasField("collection") and wanted.HasField("collection_type"):
            for index, item in enumerate(data.collection.bindings):
                yield from below(f"[{index}]", problems(scope, item, wanted.collection_type))
        elif data.HasField("map") and wanted.HasField("map_value_type"):
            for key, item in sorted(data.map.bindings.items()):
                yield from below(f"[{key!r}]", problems(scope, item, wanted.map_value_type))
        else:
            yield "", f"gets {words(scope.type_of(data))}, wants {words(wanted)}"
    except Mismatch as mismatch:
        yield "", str(mismatch)
    except Unknown:
        return


def below(step: str, found: Problems) -> Problems:
    return ((step + path, text) for path, text in found)


def of_value(scope: Scope, data: BindingData, wanted: LiteralType) -> Problems:
    """A promise or a constant."""
    given = scope.type_of(data)
    if not castable(given, wanted):
        source = f" ({scope.source(data.promise)})" if data.HasField("promise") else ""
        yield "", f"gets {words(given)}{source}, wants {words(wanted)}"
    elif wanted.HasField("enum_type") and data.HasField("scalar"):
        value = data.scalar.primitive.string_value
        if value not in wanted.enum_type.values:
            yield "", f"gets {value!r}, wants {words(wanted)}"
    elif data.HasField("scalar") and PROMISE.search(text := data.scalar.primitive.string_value):
        yield "", f"gets the text {text!r}: a workflow has no values while it is drawn; make the text in a task"


def of_choice(scope: Scope, data: BindingData, wanted: LiteralType) -> Problems:
    """A list or a dictionary for a union; it must fit exactly one of the union's members."""
    variants = wanted.union_type.variants
    fitting = [words(variant) for variant in variants if not list(problems(scope, data, variant))]
    if not fitting:
        yield "", f"gets {words(scope.type_of(data))}, wants {words(wanted)}"
    elif len(fitting) > 1:
        yield "", f"gets what may be {' or '.join(fitting)}"
