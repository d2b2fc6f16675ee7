"""A run as a tree of nodes, for whatever draws it: on a cluster and on this machine alike, from the record alone.

A record may be of an older version, or somebody may have changed it: a node whose parent is missing stands at the top,
and what would lead in a circle is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from runner.records.data import TASK as OF_TASK
from runner.records.graph_facts import BRANCH, INPUTS, MAP, OTHER, OUTPUTS, TASK, Edge, NodeFact
from runner.records.record import Record, TaskRun

DYNAMIC = "dynamic workflow"
NOT_TAKEN, NOT_RUN = "not taken", "not run"
DONE = ("succeeded", "cached", "recovered")
IDLE = (NOT_TAKEN, NOT_RUN, "skipped", "")
RUNNING = ("running", "starting", "waiting")
# Members of a map task that are named.
MOST = 8


@dataclass
class Node:
    """A node as it ran.

    Attributes:
        id: the same as that of its task runs.
        kind: that of the compiled graph, or DYNAMIC.
        name: of its task or workflow.
        parent: the node that it is inside of; None at the top.
        case: the condition under which it runs, if there is one: `if x > 1`, `else`, `on failure`.
        needs: what leads to it.
        attempts: of its task, in order.
        children: the nodes inside it; of a map task its members.
        status: how it ended.
    """

    id: str
    kind: str
    name: str
    parent: "Node | None" = None
    case: str = ""
    needs: list[Edge] = field(default_factory=list)
    attempts: list[TaskRun] = field(default_factory=list)
    children: "list[Node]" = field(default_factory=list)
    status: str = ""

    @property
    def last(self) -> TaskRun | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def ancestors(self) -> "list[Node]":
        """The node, the one that it is inside of, and so on."""
        found = [self]
        while (parent := found[-1].parent) is not None:
            found.append(parent)
        return found

    @property
    def every(self) -> "Iterator[Node]":
        """The node and all nodes inside it."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children)

    @property
    def title(self) -> str:
        return self.name if self.name == self.id else f"{self.name} ({self.id})"

    @cached_property
    def start(self) -> float | None:
        """When its first attempt began, or that of a node inside it, in seconds since 1970; None if it did not."""
        return min((start for node in self.every for start, _ in spans(node)), default=None)

    @cached_property
    def end(self) -> float | None:
        return max((end for node in self.every for _, end in spans(node)), default=None)

    @property
    def seconds(self) -> float | None:
        """How long it took; None if that is not known."""
        if len(self.attempts) == 1 and not self.children:
            return self.attempts[0].seconds
        start, end = self.start, self.end
        return None if start is None or end is None else end - start

    @property
    def retries(self) -> int:
        """How many attempts were made after the first; inside it, in all."""
        return sum(max(len(node.attempts) - 1, 0) for node in self.every)

    @property
    def members(self) -> list[str]:
        """Of a map task, how many members ended how, and which of them did not succeed."""
        if self.kind == MAP and self.children:
            return counted(self.children)
        return [self.last.members] if self.last and self.last.members else []

    @property
    def environment(self) -> str:
        """The image that it ran in, or the lock of its environment; empty if it ran nowhere."""
        image = self.last.image.rpartition("/")[2] if self.last else ""
        return image or (self.last.lock if self.last else "")


def counted(nodes: list[Node]) -> list[str]:
    """How many nodes ended how, as in `6 succeeded` and `2 failed (3, 5)`."""
    found: dict[str, list[str]] = {}
    for node in nodes:
        found.setdefault(node.status, []).append(node.id.rpartition("/")[2])
    parts = []
    for status, names in sorted(found.items(), key=lambda item: (item[0] not in DONE, item[0])):
        listed = ", ".join(names[:MOST]) + (" …" if len(names) > MOST else "")
        parts.append(f"{len(names)} {status}" + ("" if status in (*DONE, *IDLE) else f" ({listed})"))
    return parts


def moment(text: str) -> float | None:
    """A time of a record in seconds since 1970; None if it is not known."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def span(attempt: TaskRun) -> tuple[float, float] | None:
    """From when to when an attempt ran; None if that is not known."""
    start = moment(attempt.started) if attempt.started else None
    return None if start is None else (start, start + max(attempt.seconds or 0, 0))


def spans(node: Node) -> list[tuple[float, float]]:
    """The same of all attempts of a node, not those of the nodes inside it."""
    return [found for attempt in node.attempts if (found := span(attempt))]


class Model:
    """The nodes of a run.

    Attributes:
        top: those that are inside no other one, in the order of the graph.
        nodes: all of them by id.
    """

    def __init__(self, record: Record):
        self.record = record
        self.nodes = {fact.id: made(fact) for fact in record.graph}
        for task in record.tasks:
            node = self.nodes.get(task.id) or self.nodes.setdefault(task.id, of_task(task))
            node.attempts.append(task)
        parents = {fact.id: fact.parent for fact in record.graph}
        for node in self.nodes.values():
            self.place(node, parents.get(node.id, ""))
        self.top = [node for node in self.nodes.values() if node.parent is None]
        for node in self.top:
            self.settle(node)
        self.mark_ends()

    def place(self, node: Node, parent: str) -> None:
        """Puts a node inside the one that it belongs to."""
        first = node.attempts[0] if node.attempts else None
        # A member of a map task is in the record's tasks only: by its id it is inside of the map task's folder.
        named = (parent, first.parent if first else "", node.id.rpartition("/")[0] if first and not parent else "")
        around = next((self.nodes[name] for name in named if name in self.nodes and name != node.id), None)
        if around and node not in around.ancestors:
            node.parent = around
            around.children.append(node)

    def settle(self, node: Node) -> str:
        """Finds out how a node ended, and those inside it."""
        inner = [self.settle(child) for child in node.children]
        if node.kind == TASK and node.children:
            node.kind = DYNAMIC
        own = node.last.status if node.last else ""
        if node.kind == BRANCH and any(status not in IDLE for status in inner):
            for child in (child for child in node.children if child.status == NOT_RUN):
                mark(child, NOT_TAKEN)
        if own and own not in DONE:
            node.status = own
        elif node.kind == MAP and node.children:
            node.status = self.of_map(node, inner)
        else:
            node.status = whole([status for status in (own, *inner) if status])
        return node.status

    def of_map(self, node: Node, members: list[str]) -> str:
        """How a map task ended that has no attempts of its own: some members may fail."""
        if all(status in DONE for status in members):
            return whole(members)
        used = any(edge.node == node.id and other.attempts for other in self.nodes.values() for edge in other.needs)
        return "succeeded" if used or self.record.status == "succeeded" else whole(members)

    def mark_ends(self) -> None:
        """The inputs are always there, the outputs if the run has succeeded."""
        for name, status in ((INPUTS, "succeeded"), (OUTPUTS, self.record.status)):
            if (node := self.nodes.get(name)) and node.kind == name:
                node.status = status if status == "succeeded" else NOT_RUN


def mark(node: Node, status: str) -> None:
    for inner in node.every:
        inner.status = status


def whole(statuses: list[str]) -> str:
    """How a node ended by the statuses of the nodes inside it."""
    begun = [status for status in statuses if status not in IDLE]
    if bad := [status for status in begun if status not in DONE]:
        return next((status for status in bad if status not in (*RUNNING, "aborted")), bad[0])
    if not begun:
        return NOT_RUN
    return "cached" if all(status == "cached" for status in begun) else "succeeded"


def made(fact: NodeFact) -> Node:
    return Node(fact.id, fact.kind, fact.name, case=fact.case, needs=list(fact.needs))


def of_task(task: TaskRun) -> Node:
    """A node that the record knows by its attempts only."""
    name = task.name.removesuffix(f" ({task.id})")
    sources = [(name, source) for name, found in task.sources.items() for source in found]
    needs = [Edge(source.task, name) for name, source in sources if source.kind == OF_TASK]
    return Node(task.id, TASK if task.task else OTHER, name, needs=list(dict.fromkeys(needs)))
