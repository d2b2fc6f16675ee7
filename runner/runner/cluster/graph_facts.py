"""The nodes of an execution for its record, from the graphs that the cluster has: those too that have not run."""

from collections.abc import Iterator, Mapping

from flyteidl.core.workflow_pb2 import Node

from runner.cluster.compiled_nodes import Graph
from runner.records.compiled_facts import Level
from runner.records.graph_facts import NodeFact


def ends(graph: Graph) -> list[NodeFact]:
    """The nodes that stand for the inputs and the outputs of the execution; none if its graph is not known."""
    return Level(graph.own, graph.types, lambda name: name).ends(graph.outputs) if graph.own else []


def facts_of(
    graph: Graph, own: Mapping[str, str], names: Mapping[str, str], parent: str, branch: Node
) -> Iterator[NodeFact]:
    """The nodes of one workflow of the execution, or the cases of a branch.

    Args:
        graph: of the workflow.
        own: what the record calls each of them, by its name in the workflow; one that has not run gets a name here.
        names: the same for all nodes that they may refer to.
        parent: the name of the node that they are inside of; empty at the top.
        branch: the node that chooses between them; an empty one if none does.
    """

    def named(name: str, known: Mapping[str, str]) -> str:
        return known.get(name, f"{parent}/{name}" if parent else name)

    level = Level(graph.nodes.values(), graph.types, lambda name: named(name, names), parent)
    conditions = level.conditions(branch) if branch.HasField("branch_node") else [""] * len(graph.own)
    for node, condition in zip(graph.own, conditions, strict=True):
        yield level.fact(node, named(node.id, own), parent, condition)
