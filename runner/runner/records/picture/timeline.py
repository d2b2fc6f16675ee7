"""When each attempt ran, as bars: a row for each node, or for all members of a map task, as HTML with SVG in it."""

from dataclasses import dataclass
from html import escape

from runner.records.picture.graph_svg import anchor
from runner.records.picture.groups import Group, grouped
from runner.records.picture.model import Model, Node, span
from runner.records.picture.style import class_of, seconds_in_words
from runner.records.picture.waiting import Wait, wait
from runner.records.record import TaskRun
from runner.records.text import one_line

# The height of a bar, and that of one among many; so many stand below each other before others cover them.
HIGH, LOW, LANES = 16, 5, 12
# Of a resumed run, time in which nothing ran is left out if it is longer than this part of the time in which some did.
PAUSE = 0.5
# Bars of a row that a screen reader reads one by one.
TOLD = 6
TICKS = (0, 0.25, 0.5, 0.75, 1)


@dataclass(frozen=True)
class Bar:
    """An attempt: when it ran, and if it is the first of its node, what it waited for."""

    node: Node
    attempt: TaskRun
    start: float
    end: float
    wait: Wait | None

    @property
    def begin(self) -> float:
        """When it began to wait."""
        return min(self.wait.start, self.start) if self.wait else self.start

    @property
    def words(self) -> str:
        many = f" attempt {self.attempt.attempt + 1}" if len(self.node.attempts) > 1 else ""
        took = seconds_in_words(self.end - self.start)
        waited = seconds_in_words(self.start - self.begin)
        after = f", after it waited {waited} since {self.wait.last}" if self.wait and self.start > self.begin else ""
        return f"{self.node.title}{many}: {self.attempt.status}, {took}{after}"


class Axis:
    """Places on the timeline, in percent of its width; long pauses of a resumed run are left out."""

    def __init__(self, spans: list[tuple[float, float]]):
        busy = sum(end - start for start, end in joined(spans, 0))
        self.pieces = joined(spans, PAUSE * busy)
        self.seconds = sum(end - start for start, end in self.pieces) or 1e-9

    def place(self, time: float) -> float:
        before = sum(max(min(time, end) - start, 0) for start, end in self.pieces)
        return 100 * before / self.seconds


def joined(spans: list[tuple[float, float]], pause: float) -> list[tuple[float, float]]:
    """Spans in order, those as one between which there is no longer pause."""
    pieces: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if pieces and start - pieces[-1][1] <= pause:
            pieces[-1] = (pieces[-1][0], max(pieces[-1][1], end))
        else:
            pieces.append((start, end))
    return pieces


def bars_of(model: Model, group: Group) -> list[Bar]:
    """The attempts of a group's nodes, and of members of a map task, in order of time."""
    nodes = [inner for node in group.nodes for inner in node.every]
    if group.is_one:
        nodes = [group.first, *(group.first.children if group.first.members else [])]
    found = []
    for node in nodes:
        for number, attempt in enumerate(node.attempts):
            if times := span(attempt):
                found.append(Bar(node, attempt, *times, wait(model, node) if number == 0 else None))
    return sorted(found, key=lambda bar: bar.start)


def rows_of(nodes: list[Node]) -> list[Group]:
    """The groups of a run, those inside others after them."""
    found = []
    for group in grouped(nodes):
        found.append(group)
        if group.is_one and not group.first.members:
            found += rows_of(group.first.children)
    return found


def timeline(model: Model) -> str:
    """The timeline; empty if the record has no times."""
    rows = [(group, bars) for group in rows_of(model.top) if (bars := bars_of(model, group))]
    if not rows:
        return ""
    resumed = bool(model.record.continued)
    every = [bar for _, bars in rows for bar in bars]
    spans = [(bar.start if resumed else bar.begin, bar.end) for bar in every]
    axis = Axis(spans if resumed else [(min(start for start, _ in spans), max(end for _, end in spans))])
    items = "".join(row(group, bars, axis) for group, bars in rows)
    ticks = "".join(f"<span>{seconds_in_words(axis.seconds * part)}</span>" for part in TICKS)
    pauses = " Pauses between interruption and resumption are left out." if len(axis.pieces) > 1 else ""
    return (
        f"<p>A bar is an attempt; a pale bar is the wait before it.{pauses}</p>"
        f'<ol class="time">{items}</ol><div class="ticks" aria-hidden="true">{ticks}</div>'
    )


def row(group: Group, bars: list[Bar], axis: Axis) -> str:
    lanes = lanes_of(bars)
    count = min(max(lanes) + 1, LANES)
    high = HIGH if count == 1 else max(LOW, HIGH // count)
    drawn = "".join(drawn_bar(bar, lane % LANES, high, axis) for bar, lane in zip(bars, lanes, strict=True))
    told = "; ".join(bar.words for bar in bars[:TOLD]) + (f"; {len(bars) - TOLD} more" if len(bars) > TOLD else "")
    deep = len(group.first.ancestors) - 1
    return (
        f'<li><a class="deep{min(deep, 4)}" href="#{escape(anchor(group))}">{escape(one_line(group.title, 40))}</a>'
        f'<svg role="img" aria-label="{escape(told)}" height="{count * high + 4}" width="100%">{drawn}</svg></li>'
    )


def lanes_of(bars: list[Bar]) -> list[int]:
    """The line of each bar: the first in which the bar before has ended. Waits may cover each other."""
    ends: list[float] = []
    lanes = []
    for bar in bars:
        lane = next((lane for lane, end in enumerate(ends[:LANES]) if end <= bar.start), len(ends))
        ends[lane : lane + 1] = [bar.end]
        lanes.append(lane)
    return lanes


def drawn_bar(bar: Bar, lane: int, high: int, axis: Axis) -> str:
    begin, start, end = (axis.place(time) for time in (bar.begin, bar.start, bar.end))
    y, height = lane * high + 2, high - (1 if high < HIGH else 0)
    waits = ""
    if start - begin > 0.2 and high == HIGH:
        waits = f'<rect class="wait" x="{begin:.2f}%" y="{y + 5}" width="{start - begin:.2f}%" height="{height - 10}"/>'
    shape = f'x="{start:.2f}%" y="{y}" width="{max(end - start, 0.25):.2f}%" height="{height}"'
    title = f"<title>{escape(bar.words)}</title>"
    return f'{waits}<rect class="{class_of(bar.attempt.status)}" {shape}>{title}</rect>'
