"""The graph as lines of text: each node below those that it needs, what is inside a node indented."""

from runner.records.graph_facts import INPUTS, TASK
from runner.records.picture.graph_svg import short_type
from runner.records.picture.groups import Group, edges_between, grouped, inside
from runner.records.picture.layout import laid_out
from runner.records.picture.model import Model, Node
from runner.records.text import one_line, visible


def lines(model: Model) -> list[str]:
    """The graph of a model as text."""
    return [visible(line) for line in level(model, model.top, "")]


def level(model: Model, nodes: list[Node], indent: str) -> list[str]:
    """The nodes of one workflow by the layers in which a picture has them."""
    groups = grouped(nodes)
    sizes = {group.key: (1, 1) for group in groups}
    layers = laid_out(sizes, edges_between(model, groups)).layers
    found = []
    for group in sorted(groups, key=lambda group: layers[group.key]):
        if group.first.kind != INPUTS:
            found += [indent + words(model, group), *level(model, inside(group), f"{indent}    ")]
    return found


def words(model: Model, group: Group) -> str:
    """A node with its kind, its condition and what it needs."""
    node = group.first
    kind = f" {node.kind}" if node.kind not in (TASK, node.name) else ""
    case = f" {node.case}" if node.case else ""
    needs: dict[str, list[str]] = {}
    for edge in node.needs:
        giver = model.nodes.get(edge.node)
        typed = f"{edge.name}: {short_type(edge.type)}" if edge.type else edge.name
        needs.setdefault(giver.title if giver else edge.node, []).append(typed)
    told = [giver + (f" ({', '.join(filter(None, given))})" if any(given) else "") for giver, given in needs.items()]
    return one_line(f"{group.title}{kind}{case}" + (f" <- {', '.join(told)}" if told else ""), 300)
