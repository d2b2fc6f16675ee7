"""Siblings that run the same: many of them are shown as one, with what became of them."""

from dataclasses import dataclass

from runner.records.graph_facts import MAP, Edge
from runner.records.picture.model import Model, Node, counted, whole

# So many siblings of one kind are shown one by one.
FEW = 4


@dataclass(frozen=True)
class Group:
    """Siblings that are shown as one; most often it is one node."""

    nodes: list[Node]

    @property
    def first(self) -> Node:
        return self.nodes[0]

    @property
    def is_one(self) -> bool:
        return len(self.nodes) == 1

    @property
    def title(self) -> str:
        return self.first.title if self.is_one else f"{self.first.name} × {len(self.nodes)}"

    @property
    def key(self) -> str:
        """What the group is called on a page."""
        return self.first.id if self.is_one else f"{self.first.id}-and-more"

    @property
    def status(self) -> str:
        return self.first.status if self.is_one else whole([node.status for node in self.nodes])

    @property
    def counts(self) -> list[str]:
        """How many of the nodes, or of the members of a map task, ended how; empty if its status says it all."""
        if self.is_one:
            return self.first.members
        found = counted(self.nodes)
        return found if len(found) > 1 else []

    @property
    def seconds(self) -> float | None:
        """From the begin of the first to the end of the last."""
        if self.is_one:
            return self.first.seconds
        starts = [node.start for node in self.nodes if node.start is not None]
        return max(node.end or 0 for node in self.nodes) - min(starts) if starts else None


def grouped(nodes: list[Node]) -> list[Group]:
    """Siblings in order: where more than a few run the same, they are one group in the place of the first."""
    kinds: dict[tuple[str, ...], list[Node]] = {}
    for node in nodes:
        kinds.setdefault((node.name, node.kind, node.case), []).append(node)
    groups = []
    for node in nodes:
        same = kinds[node.name, node.kind, node.case]
        if len(same) <= FEW:
            groups.append(Group([node]))
        elif node is same[0]:
            groups.append(Group(same))
    return groups


def edges_between(model: Model, groups: list[Group]) -> dict[tuple[str, str], list[Edge]]:
    """Which group leads to which, by their keys, with what leads from the nodes of one to those of the other."""
    owners = {node.id: group for group in groups for node in group.nodes}
    found: dict[tuple[str, str], list[Edge]] = {}
    for group in groups:
        for edge in (edge for node in group.nodes for inner in node.every for edge in inner.needs):
            giver = model.nodes.get(edge.node)
            around = next((owners[one.id] for one in giver.ancestors if one.id in owners), None) if giver else None
            if around and around is not group:
                found.setdefault((around.key, group.key), []).append(edge)
    return found


def inside(group: Group) -> list[Node]:
    """The nodes that are drawn inside a group: members of a map task are counted instead."""
    return group.first.children if group.is_one and group.first.kind != MAP else []
