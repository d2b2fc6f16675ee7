"""The nodes of a run for its record: of the compiled graph, and those that dynamic workflows have drawn so far."""

from collections.abc import Iterator

from flyteidl.core.workflow_pb2 import Node

from runner.graph.bindings import cases
from runner.graph.compiled import nodes
from runner.harness.origins import Level
from runner.records.compiled_facts import Level as Facts
from runner.records.compiled_facts import Types
from runner.records.graph_facts import NodeFact


def graph_facts(level: Level, parent: str = "") -> Iterator[NodeFact]:
    """The nodes of a workflow and, after each of them, those inside it."""
    ids = dict(named(level))
    facts = Facts(nodes(level.template), types_of(level), lambda node: ids.get(node, node), parent)
    if not parent:
        yield from facts.ends(level.template.outputs)
    for node in nodes(level.template):
        yield from of_node(level, facts, node, parent)


def of_node(level: Level, facts: Facts, node: Node, parent: str, case: str = "") -> Iterator[NodeFact]:
    """A node, and the nodes inside it."""
    yield (fact := facts.fact(node, parent, case))
    conditions = facts.conditions(node) if node.HasField("branch_node") else []
    for inner, condition in zip(cases(node), conditions, strict=True):
        yield from of_node(level, facts, inner, fact.id, condition)
    if (inside := level.inside(node, level.root / fact.id)) is not None:
        yield from graph_facts(inside, fact.id)


def types_of(level: Level) -> Types:
    """The types of the graph around, with the interface of this workflow."""
    return Types(Types.of(level.graph).entities, level.template.interface)


def named(level: Level) -> Iterator[tuple[str, str]]:
    """What the nodes of a workflow are called in it, and their ids: their folders in that of the run."""
    waiting = [(node, level.folder / node.id) for node in nodes(level.template)]
    while waiting:
        node, folder = waiting.pop()
        yield node.id, level.id_of(folder)
        waiting += [(inner, folder / inner.id) for inner in cases(node)]
