"""The graph of a run, or of a workflow before any run, as SVG."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

from runner.records.graph_facts import INPUTS, OUTPUTS, TASK, Edge
from runner.records.picture.groups import Group, edges_between, grouped, inside
from runner.records.picture.layout import Pair, Placed, Point, laid_out
from runner.records.picture.model import Model, Node
from runner.records.picture.style import class_of, seconds_in_words, status_in_words, style
from runner.records.text import one_line

# The width of a character and the height of a line, in pixels: the font is one of fixed width.
CHARACTER, LINE, SMALL = 7.3, 17, 6.2
SIDE, TITLE = 14, 30  # around the nodes inside a node
NAME, TYPE = 34, 26  # characters of a name, and of a type
# More lines between the nodes of one workflow have no types beside them; a picture of more nodes shows counts.
LABELS, MOST = 40, 150
PARTS, MODULES, FORMAT = (
    re.compile(r" \([^()]*\)"),
    re.compile(r"\b(\w+\.)+(?=\w)"),
    re.compile(r"file of format ([\w.-]+)"),
)


@dataclass
class Box:
    """What is drawn of a group: its lines of words, each with its style, and the drawing of what is inside it."""

    group: Group
    words: list[tuple[str, str]]
    inner: "Drawing | None" = None

    @property
    def size(self) -> Point:
        width = max(len(text) for text, _ in self.words) * CHARACTER + 22
        if self.inner is None:
            return width, len(self.words) * LINE + 14
        return max(width, self.inner.width + 2 * SIDE), self.inner.height + self.head + SIDE

    @property
    def head(self) -> float:
        """The height of the words over what is inside."""
        return len(self.words) * LINE + TITLE - LINE


@dataclass
class Drawing:
    """A part of an SVG, with its size."""

    width: float
    height: float
    parts: list[str] = field(default_factory=list)


class Painter:
    """Draws the graph of a model; `is_linked` says whether each node is a link to its place on the page."""

    def __init__(self, model: Model, is_linked: bool = True):
        self.model = model
        self.is_linked = is_linked
        self.has_run = bool(model.record.tasks)
        environments = {node.environment for node in model.nodes.values() if node.environment}
        self.tells_environment = len(environments) > 1

    def workflow(self, nodes: list[Node]) -> Drawing:
        """The nodes of one workflow, with those inside them."""
        groups = grouped(nodes)
        if len(groups) > MOST:
            groups = [Group(nodes)]
        names = Counter(group.first.name for group in groups)
        boxes = {group.key: self.box(group, names[group.first.name] > 1) for group in groups}
        labels = {pair: types_of(edges) for pair, edges in edges_between(self.model, groups).items()}
        sizes = {key: box.size for key, box in boxes.items()}
        pairs: list[Pair] = []
        for (first, second), label in labels.items():
            if label and len(labels) <= LABELS:
                sizes[between(first, second)] = (len(label) * SMALL + 8, 14)
                pairs += [(first, between(first, second)), (between(first, second), second)]
            else:
                pairs.append((first, second))
        placed = laid_out(sizes, pairs)
        return self.drawing(boxes, labels, placed, sizes)

    def drawing(
        self, boxes: dict[str, Box], labels: dict[Pair, str], placed: Placed, sizes: dict[str, Point]
    ) -> Drawing:
        names = {between(*pair): label for pair, label in labels.items()}
        parts = []
        for first, second in sorted(placed.lines):
            points = placed.lines[first, second]
            ends = [
                at_edge(points[0], points[1], placed.corners[first], sizes[first], 1),
                at_edge(points[-1], points[-2], placed.corners[second], sizes[second], 0),
            ]
            parts.append(line([ends[0], *points[1:-1], ends[1]], second in names))
        for key, label in names.items():
            if key in placed.corners:
                x, y = placed.corners[key]
                parts.append(f'<text class="type" x="{x + 4:.1f}" y="{y + 11:.1f}">{escape(label)}</text>')
        parts += [self.painted(box, placed.corners[key]) for key, box in boxes.items()]
        return Drawing(placed.width, placed.height, parts)

    def box(self, group: Group, is_numbered: bool) -> Box:
        within = inside(group)
        return Box(group, self.words(group, is_numbered), self.workflow(within) if within else None)

    def words(self, group: Group, is_numbered: bool) -> list[tuple[str, str]]:
        """What is written in a box, and how, with the number of its node where others have the same name."""
        node = group.first
        number = f" {node.id.rpartition('/')[2]}" if is_numbered and group.is_one else ""
        many = "" if group.is_one else f" × {len(group.nodes)}"
        kind = "" if node.kind in (TASK, node.name) else f"  {node.kind}"
        found = [(node.case, "")] if node.case else []
        found.append((one_line(node.name, NAME) + number + many + kind, "name"))
        if node.kind in (INPUTS, OUTPUTS):
            return found
        if self.has_run:
            told = [status_in_words(group.status), seconds_in_words(group.seconds)]
            found.append((", ".join(word for word in told if word), ""))
            if retries := sum(one.retries for one in group.nodes if not one.children):
                found.append((f"{retries} {'retry' if retries == 1 else 'retries'}", ""))
            if self.tells_environment and node.environment:
                found.append((one_line(node.environment, NAME), ""))
        return found + [(one_line(words, NAME + 14), "bad" if words.endswith(")") else "") for words in group.counts]

    def painted(self, box: Box, corner: Point) -> str:
        (x, y), (width, height), node = corner, box.size, box.group.first
        kind = " end" if node.kind in (INPUTS, OUTPUTS) else " around" if box.inner else ""
        status = class_of(box.group.status) if self.has_run else "plain"
        shape = f'<rect width="{width:.1f}" height="{height:.1f}" rx="{height / 2 if kind == " end" else 6:.1f}"/>'
        text = "".join(
            f'<text class="{style}" x="11" y="{20 + LINE * number}">{escape(words)}</text>'
            for number, (words, style) in enumerate(box.words)
        )
        head = f'<a href="#{escape(anchor(box.group))}">{shape}{text}</a>' if self.links(node) else shape + text
        within = ""
        if box.inner:
            within = f'<g transform="translate({(width - box.inner.width) / 2:.1f} {box.head:.1f})">'
            within += "".join(box.inner.parts) + "</g>"
        return f'<g class="node {status}{kind}" transform="translate({x:.1f} {y:.1f})">{head}{within}</g>'

    def links(self, node: Node) -> bool:
        return self.is_linked and node.kind not in (INPUTS, OUTPUTS)


def anchor(group: Group) -> str:
    """Where on the page a group is."""
    return f"task-{group.key}"


def between(first: str, second: str) -> str:
    """What the layout calls the label on a line; no node is called like this."""
    return f"{first}\0{second}"


def at_edge(middle: Point, towards: Point, corner: Point, size: Point, down: int) -> Point:
    """Where a line from the middle of a box leaves it: at its upper edge, or with `down` at its lower one."""
    space = min(18, size[0] / 2)
    part = size[1] / 2 / max(abs(towards[1] - middle[1]), 1)
    x = middle[0] + (towards[0] - middle[0]) * part
    return min(max(x, corner[0] + space), corner[0] + size[0] - space), corner[1] + size[1] * down


def short_type(words: str) -> str:
    """A type without its parts and modules: `data frame` of one with columns, `PNG file` of one of that format."""
    while (shorter := PARTS.sub("", words)) != words:
        words = shorter
    return one_line(FORMAT.sub(r"\1 file", MODULES.sub("", words)), TYPE)


def types_of(edges: list[Edge]) -> str:
    """The types of what is handed on."""
    return ", ".join(dict.fromkeys(filter(None, (short_type(edge.type) for edge in edges))))


def line(points: list[Point], to_label: bool) -> str:
    """A line through points, curved so that it leaves and arrives vertically."""
    path = "M{:.1f} {:.1f}".format(*points[0])
    for (x, y), (a, b) in pairwise(points):
        middle = (y + b) / 2
        path += f"C{x:.1f} {middle:.1f} {a:.1f} {middle:.1f} {a:.1f} {b:.1f}"
    return f'<path class="line{"" if to_label else " arrow"}" d="{path}"/>'


ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path class="head" d="M0 0L8 4L0 8z"/></marker></defs>'
)


def svg(model: Model, label: str, is_page: bool = True) -> str:
    """The graph as an SVG element for a page, or as a file of its own with its style."""
    drawing = Painter(model, is_page).workflow(model.top)
    width, height = drawing.width + 20, drawing.height + 20
    own = "" if is_page else f"<title>{escape(label)}</title><style>{style('colours.css', 'graph.css')}</style>"
    role = f'role="group" aria-label="{escape(label)}"' if is_page else 'role="img" xmlns="http://www.w3.org/2000/svg"'
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="-10 -10 {width:.0f} {height:.0f}"'
    return f'<svg class="graph" {role} {size}>{own}{ARROW}{"".join(drawing.parts)}</svg>'
