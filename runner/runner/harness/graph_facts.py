"""The nodes of a run for its record: of the compiled graph, and those that dynamic workflows have drawn so far."""

from collections.abc import Iterator
from pathlib import Path

from flyteidl.core.workflow_pb2 import Node

from runner.graph.bindings import cases
from runner.graph.compiled import nodes
from runner.harness.origins import Level
from runner.records.compiled_facts import Facts, Types
from runner.records.graph_facts import NodeFact


def graph_facts(level: Level, parent: str = "") -> Iterator[NodeFact]:
    """The nodes of a workflow and, after each of them, those inside it."""
    types = Types.of(level.graph, level.template.interface)
    facts = Facts(nodes(level.template), types, lambda name: level.id_of(level.folder / name), parent)
    if not parent:
        yield from facts.ends(level.template.outputs)
    for node in nodes(level.template):
        yield from of_node(level, facts, node, level.folder / node.id, parent)


def of_node(
    level: Level, facts: Facts, node: Node, folder: Path, parent: str, condition: str = ""
) -> Iterator[NodeFact]:
    """A node, which has this folder, and the nodes inside it."""
    yield (fact := facts.fact(node, level.id_of(folder), parent, condition))
    conditions = facts.conditions(node) if node.HasField("branch_node") else []
    for case, words in zip(cases(node), conditions, strict=True):
        yield from of_node(level, facts, case, folder / case.id, fact.id, words)
    if (inside := level.inside(node, folder)) is not None:
        yield from graph_facts(inside, fact.id)
