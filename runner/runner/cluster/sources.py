"""Where the inputs of a node come from, by the bindings of the graph that the cluster has."""

from collections.abc import Iterable, Iterator, Mapping

from flyteidl.core.literals_pb2 import Binding, BindingData

from runner.graph.bindings import START
from runner.records.data import BODY, CONSTANT, INPUT, TASK, Source, step


def sources(bindings: Iterable[Binding], names: Mapping[str, str], inside: str) -> dict[str, list[Source]]:
    """Where what is bound comes from.

    Args:
        bindings: a node's inputs, or a workflow's outputs.
        names: what the record calls each node, by its name in the workflow.
        inside: the node that the workflow is inside of, which hands its own inputs on; empty at the top.
    """
    return {item.var: list(dict.fromkeys(found(item.binding, names, inside))) for item in bindings}


def found(data: BindingData, names: Mapping[str, str], inside: str) -> Iterator[Source]:
    parts = (*data.collection.bindings, *data.map.bindings.values())
    for part in parts:
        yield from found(part, names, inside)
    if data.HasField("promise"):
        promise = data.promise
        keys = (
            key.int_value if key.WhichOneof("value") == "int_value" else key.string_value for key in promise.attr_path
        )
        part = "".join(map(step, keys))
        if promise.node_id in names:
            yield Source(TASK, names[promise.node_id], promise.var, part)
        elif promise.node_id in ("", START):
            yield Source(BODY, inside) if inside else Source(INPUT, "", promise.var, part)
    elif not parts:
        yield Source(BODY, inside) if inside else Source(CONSTANT)
