"""Progress, node by node: one live table on a terminal, a line for every change elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from runner.cluster.node_runs import NodeRun
from runner.records.attempts import SYSTEM, counted
from runner.records.text import bounded

Show = Callable[[list[NodeRun]], None]
COLOURS = {
    "succeeded": "green",
    "cached": "blue",
    "recovered": "blue",
    "running": "yellow",
}
BAD = ("failed", "failing", "aborted", "timed out")
LONGEST = 120


def note(node: NodeRun) -> str:
    """What there is to say of a node besides its phase: how far it is, why it failed or is tried again."""
    parts = [node.members]
    if node.over:
        retries = f"{node.system_retries} system {counted(node.system_retries)}" if node.system_retries else ""
        parts += [retries, node.why if node.status in BAD else ""]
    elif node.why:
        parts.append(f"attempt {failed_attempt(node)} failed: {node.why}")
    return bounded(", ".join(filter(None, parts)), LONGEST)


def failed_attempt(node: NodeRun) -> str:
    """The number of the last attempt that failed, and whether it was no fault of the task."""
    last = [attempt for attempt in node.attempts if attempt.error][-1]
    return f"{last.number + 1}{' of the system' if last.status == SYSTEM else ''}"


class Lines:
    """Prints a line whenever a node has changed."""

    def __init__(self):
        self.told: dict[str, tuple] = {}

    def show(self, nodes: list[NodeRun]) -> None:
        for node in nodes:
            state = (node.status, node.attempt, node.members)
            if self.told.get(node.name) == state:
                continue
            self.told[node.name] = state
            tried = f" attempt {node.attempt}" if node.attempt > 1 else ""
            seconds = f"{node.seconds:.1f} s" if node.over and node.seconds else ""
            row = f"  {node.name:<10} {node.task:<24} {node.status + tried:<22} {seconds:>8}  {note(node)}"
            print(row.rstrip(), flush=True)


@contextmanager
def live_table(console: Console | None = None) -> Iterator[Show]:
    """One table, drawn again at every look."""
    with Live(console=console, refresh_per_second=4, transient=False) as live:
        yield lambda nodes: live.update(table(nodes), refresh=True)


def table(nodes: list[NodeRun]) -> Table:
    drawn = Table("node", "task", "phase", "attempt", "seconds", "", box=None)
    for node in nodes:
        colour = "red" if node.status in BAD else COLOURS.get(node.status, "white")
        seconds = f"{node.seconds:.1f}" if node.over else ""
        phase = f"[{colour}]{escape(node.status)}[/]"
        drawn.add_row(node.name, escape(node.task), phase, str(node.attempt or ""), seconds, escape(note(node)))
    return drawn


def progress() -> AbstractContextManager[Show]:
    """What suits the place that standard output goes to."""
    return live_table() if sys.stdout.isatty() else nullcontext(Lines().show)
