"""Progress, node by node: one live table on a terminal, a line for every change elsewhere."""

import sys
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from runner.cluster.node_runs import NodeRun

COLOURS = {
    "succeeded": "green",
    "cached": "blue",
    "recovered": "blue",
    "running": "yellow",
    "dynamic running": "yellow",
}
BAD = ("failed", "failing", "aborted", "timed out")
LONGEST = 90


def note(node: NodeRun) -> str:
    """What there is to say of a node besides its phase: why it waits, that it is tried again, how far it is."""
    parts = [node.members, node.reason]
    if node.error and not node.over:
        parts.append(f"attempt {node.attempt - 1} failed: {last_line(node.error)}")
    text = ", ".join(filter(None, parts))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def last_line(text: str) -> str:
    """The last line of an error that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


class Lines:
    """Prints a line whenever a node has changed."""

    def __init__(self):
        self.told: dict[str, tuple] = {}

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, nodes: list[NodeRun]) -> None:
        for node in nodes:
            state = (node.status, node.attempt, node.members, node.reason)
            if self.told.get(node.name) == state:
                continue
            self.told[node.name] = state
            tried = f" attempt {node.attempt}" if node.attempt > 1 else ""
            seconds = f"{node.seconds:.1f} s" if node.over else ""
            row = f"  {node.name:<8} {node.task:<24} {node.status + tried:<22} {seconds:>8}  {note(node)}"
            print(row.rstrip(), flush=True)


class LiveTable:
    """One table, drawn again at every look."""

    def __init__(self, console: Console | None = None):
        self.live = Live(console=console, refresh_per_second=4, transient=False)

    def __enter__(self) -> "LiveTable":
        self.live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.live.__exit__(kind, error, trace)

    def show(self, nodes: list[NodeRun]) -> None:
        table = Table("node", "task", "phase", "attempt", "seconds", "", box=None)
        for node in nodes:
            colour = "red" if node.status in BAD else COLOURS.get(node.status, "white")
            seconds = f"{node.seconds:.1f}" if node.over else ""
            phase = f"[{colour}]{node.status}[/]"
            table.add_row(node.name, escape(node.task), phase, str(node.attempt or ""), seconds, escape(note(node)))
        self.live.update(table, refresh=True)


def progress() -> Lines | LiveTable:
    """What suits the place that standard output goes to."""
    return LiveTable() if sys.stdout.isatty() else Lines()
