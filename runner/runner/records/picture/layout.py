"""Where the boxes of a graph go, and how the lines between them run: the layered layout of the package grandalf.

It is imported here, where something is drawn: no other command needs it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Point = tuple[float, float]
Pair = tuple[str, str]

# Between boxes beside each other, between layers, and between parts of a graph that no line joins.
ACROSS, DOWN, APART = 28, 26, 28
# Parts that no line joins stand beside each other up to this width.
WIDTH = 900
# Rounds in which the order within the layers is improved; more change little.
ROUNDS = 6


@dataclass
class Placed:
    """A graph with a place for everything.

    Attributes:
        width, height: of all of it.
        corners: the upper left corner of each box.
        lines: the points of each line, from the middle of one box to that of another.
        layers: in which layer each box is, 0 for the first.
    """

    width: float = 0
    height: float = 0
    corners: dict[str, Point] = field(default_factory=dict)
    lines: dict[Pair, list[Point]] = field(default_factory=dict)
    layers: dict[str, int] = field(default_factory=dict)


def acyclic(pairs: Iterable[Pair]) -> list[Pair]:
    """The pairs without those that would lead in a circle: in a graph of Flyte's there is none, in a record maybe."""
    after: dict[str, set[str]] = {}
    kept = []
    for first, second in dict.fromkeys(pairs):
        if not leads(after, second, first):
            after.setdefault(first, set()).add(second)
            kept.append((first, second))
    return kept


def leads(after: Mapping[str, set[str]], start: str, goal: str) -> bool:
    """Whether a way leads from one box to another."""
    waiting, seen = [start], {start}
    while waiting:
        if (name := waiting.pop()) == goal:
            return True
        waiting += after.get(name, set()) - seen
        seen |= after.get(name, set())
    return False


def laid_out(sizes: Mapping[str, Point], pairs: Iterable[Pair]) -> Placed:
    """Places boxes of the sizes given, so that lines lead downwards.

    Args:
        sizes: the width and the height of each box.
        pairs: which box leads to which.
    """
    from grandalf.graphs import Edge, Graph, Vertex
    from grandalf.layouts import VertexViewer
    from grandalf.routing import EdgeViewer

    vertices = {name: Vertex(name) for name in sizes}
    for name, vertex in vertices.items():
        vertex.view = VertexViewer(*sizes[name])
    edges = [Edge(vertices[first], vertices[second]) for first, second in acyclic(pairs)]
    for edge in edges:
        edge.view = EdgeViewer()
    parts = [part(core) for core in Graph(list(vertices.values()), edges).C]
    order = {name: number for number, name in enumerate(sizes)}
    return beside(sorted(parts, key=lambda placed: min(order[name] for name in placed.corners)))


def part(core) -> Placed:
    """Places the boxes that lines join."""
    from grandalf.layouts import SugiyamaLayout

    layout = SugiyamaLayout(core)
    layout.xspace, layout.yspace = ACROSS, DOWN
    layout.init_all()
    layout.draw(ROUNDS)
    boxes = list(core.sV)
    left = min(box.view.xy[0] - box.view.w / 2 for box in boxes)
    top = min(box.view.xy[1] - box.view.h / 2 for box in boxes)
    placed = Placed()
    for box in boxes:
        x, y = box.view.xy[0] - box.view.w / 2 - left, box.view.xy[1] - box.view.h / 2 - top
        placed.corners[box.data] = (x, y)
        placed.layers[box.data] = layout.grx[box].rank
        placed.width, placed.height = max(placed.width, x + box.view.w), max(placed.height, y + box.view.h)
    for edge in core.sE:
        points = [(x - left, y - top) for x, y in edge.view._pts]
        placed.lines[edge.v[0].data, edge.v[1].data] = points
        placed.width = max(placed.width, *(x for x, _ in points))
    return placed


def beside(parts: Iterable[Placed]) -> Placed:
    """Parts beside each other, in as many rows as they need."""
    whole, x, y, row = Placed(), 0.0, 0.0, 0.0
    for placed in parts:
        if x and x + placed.width > WIDTH:
            x, y, row = 0.0, y + row + APART, 0.0
        whole.corners |= {name: (x + left, y + top) for name, (left, top) in placed.corners.items()}
        whole.lines |= {pair: [(x + a, y + b) for a, b in points] for pair, points in placed.lines.items()}
        whole.layers |= placed.layers
        whole.width, row = max(whole.width, x + placed.width), max(row, placed.height)
        whole.height = max(whole.height, y + placed.height)
        x += placed.width + APART
    return whole
