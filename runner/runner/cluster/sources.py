"""Where the inputs of a node come from, by the bindings of the graph that the cluster has."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from flyteidl.core.literals_pb2 import Binding, BindingData

from runner.graph.bindings import START
from runner.records.compiled_facts import part_of
from runner.records.data import BODY, CONSTANT, INPUT, TASK, Source

Sources = Mapping[str, list[Source]]
# Where an output comes from, by its name.
Outputs = Callable[[str], list[Source]]


@dataclass(frozen=True)
class Around:
    """What the bindings of a workflow refer to.

    Attributes:
        names: what the record calls each node, by its name in the workflow.
        given: where the workflow's inputs come from; None for the workflow of the execution.
        drawn_by: the dynamic workflow that drew it; empty if none did.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    given: Sources | None = None
    drawn_by: str = ""


def sources(bindings: Iterable[Binding], around: Around) -> dict[str, list[Source]]:
    """Where what is bound comes from: a node's inputs, or a workflow's outputs."""
    return {item.var: list(dict.fromkeys(found(item.binding, around))) for item in bindings}


def found(data: BindingData, around: Around) -> Iterator[Source]:
    parts = (*data.collection.bindings, *data.map.bindings.values())
    for part in parts:
        yield from found(part, around)
    if data.HasField("promise"):
        promise, part = data.promise, part_of(data.promise)
        if promise.node_id in around.names:
            yield Source(TASK, around.names[promise.node_id], promise.var, part)
        elif promise.node_id in ("", START) and around.given is None:
            yield Source(INPUT, "", promise.var, part)
        elif promise.node_id in ("", START):
            inherited = around.given.get(promise.var) or [Source(CONSTANT)]  # a default input of a launch plan
            yield from (replace(source, part=source.part + part) for source in inherited)
    elif not parts:
        yield Source(BODY, around.drawn_by) if around.drawn_by else Source(CONSTANT)


def outputs_of(bindings: Iterable[Binding], around: Around) -> Outputs:
    """The outputs of a workflow."""
    bound = sources(bindings, around)
    return lambda name: bound.get(name, [])


def outputs_of_case(nodes: Iterable[str]) -> Outputs:
    """The outputs of a condition: those of the node that it chose, by the same names."""
    chosen = tuple(nodes)
    return lambda name: [Source(TASK, node, name) for node in chosen]


def through(source: Source, inside: Mapping[str, Outputs]) -> list[Source]:
    """Which task made what a node gives: one inside the node, if `inside` has the node."""
    inner = inside[source.task](source.name) if source.kind == TASK and source.task in inside else []
    ends = (end for origin in inner for end in through(origin, inside))
    return [replace(end, part=end.part + source.part) for end in ends] or [source]
