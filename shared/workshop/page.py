"""index.html of a run: the record as a page that a browser opens from disk, with links to the decks."""

import re
from html import escape
from string import Template
from typing import Any

from workshop.record import MEBIBYTE, Record, TaskRun

PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>$lesson, run $run</title>
<style>
  :root { color-scheme: light dark }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  h1 { margin-bottom: 0 }
  h2 { margin-top: 2rem; font-size: 1.1rem }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884 }
  th { width: 9rem } .tasks td { width: 40% } .tasks td:nth-child(2) { width: auto; white-space: nowrap }
  td { white-space: pre-wrap; font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere }
  .succeeded { color: #2da44e } .cached { color: #0969da } .warning { color: #bf8700 }
  .failed, .interrupted, .aborted, .off, .recoverable, .non-recoverable, .failure { color: #cf222e }
  .sizes td, .sizes th { width: auto; text-align: right; white-space: nowrap }
  .sizes th:first-child { text-align: left } .sizes .group { text-align: center }
  pre { white-space: pre-wrap; border-left: 4px solid #cf222e; padding-left: 1rem }
</style>
<h1>$title</h1>
<p>$lesson, run $run: <strong class="$status">$status</strong>$seconds. $served
Started $started by <code>$command</code>$continued</p>
$error
<h2>Outputs</h2>
$outputs
<h2>Inputs of $entry_point</h2>
$inputs
<h2>Tasks</h2>
$tasks
$sizes
<h2>Where it comes from</h2>
$provenance
<p>The same for programs: <a href="record.json">record.json</a></p>
</html>
""")


# Data of this run, or of another run of the lesson.
STORED = re.compile(r"(\.\./[^/]+/)?(tasks|nodes)/(?P<task>[^/]+)/")

# Characters of a task's input or output on the page.
LONGEST = 200


def pairs(values: dict[str, Any]) -> str:
    """A dictionary as a table of two columns."""
    rows = (f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in values.items())
    return f"<table>{''.join(rows)}</table>" if values else "<p>none</p>"


def listed(values: dict[str, Any]) -> str:
    """A task's inputs or outputs, one a line; data that lies in the folder of a run as a link to it."""

    def shown(value: Any) -> str:
        words = str(value)
        text = escape(words if len(words) <= LONGEST else f"{words[:LONGEST]} … (all of it: record.json)")
        if not (stored := STORED.match(text)):
            return text
        return f'<a href="{text}" title="{text}">{stored["task"]}/…/{text.rpartition("/")[2][:8]}</a>'

    # Flyte calls the only output of a task o0 when it has no name.
    lines = (shown(value) if name == "o0" else f"{escape(name)} = {shown(value)}" for name, value in values.items())
    return "<br>".join(lines)


def task_row(task: TaskRun) -> str:
    deck = f'<br><a href="{escape(task.deck)}">deck</a>' if task.deck else ""
    by = escape(task.computed_by)
    computed = f"<br>computed in {task.computed_seconds:.3f} s" if task.computed_seconds is not None else ""
    computed += f'<br>by <a href="../{by}/index.html">{by}</a>' if by else ""
    warned = "".join(f'<p class="warning">warning: {escape(words)}</p>' for words in task.warnings)
    return (
        f"<tr><th>{escape(task.name)}{deck}</th>"
        f'<td><span class="{task.status}">{task.status}</span><br>{task.seconds or 0:.3f} s{computed}</td>'
        f"<td>{listed(task.inputs)}</td><td>{listed(task.outputs)}{warned}</td></tr>"
    )


SIZES = """<h2>What the tasks used, and what they asked for</h2>
<table class="sizes">
<tr><th rowspan="2">task</th><th rowspan="2">seconds</th><th class="group" colspan="4">processor</th>
<th class="group" colspan="3">memory</th></tr>
<tr><th>seconds</th><th>cores</th><th>request</th><th>limit</th><th>peak</th><th>request</th><th>limit</th></tr>
"""


def size_row(task: TaskRun) -> str:
    """One task's use in the units of what it asked for: cores are processor seconds by wall seconds."""
    seconds, cpu, peak = task.seconds, task.cpu_seconds, task.peak_mb
    cells = [
        f"{seconds:.1f}" if seconds else "",
        f"{cpu:.1f}" if cpu is not None else "",
        f"{cpu / seconds:.2f}" if cpu is not None and seconds else "",
        *(size.get("cpu", "") for size in (task.requests, task.limits)),
        f"{peak / MEBIBYTE:.0f}Mi" if peak is not None else "",
        *(size.get("memory", "") for size in (task.requests, task.limits)),
    ]
    return f"<tr><th>{escape(task.name)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def sizes(tasks: list[TaskRun]) -> str:
    """The table by which requests and limits are chosen; empty if no task was measured."""
    if all(task.peak_mb is None for task in tasks):
        return ""
    return f"{SIZES}{''.join(map(size_row, tasks))}</table>"


def render(record: Record) -> str:
    """The page of a run as HTML text. Everything that the run supplied is escaped."""
    tasks = "".join(map(task_row, record.tasks))
    header = "<tr><th>task</th><th>result</th><th>inputs</th><th>outputs</th></tr>"
    texts = ("lesson", "run", "title", "status", "started", "command", "entry_point")
    return PAGE.substitute(
        {name: escape(getattr(record, name)) for name in texts},
        seconds=f" after {record.seconds:.2f} s" if record.seconds is not None else "",
        served=escape(f"{record.served}." if record.served else ""),
        continued="".join(f"<br>Gone on with at {escape(words)}" for words in record.continued),
        error=f'<pre>{escape(record.error)}\n<a href="error.txt">traceback</a></pre>' if record.error else "",
        outputs=pairs(record.outputs),
        inputs=pairs(record.inputs),
        tasks=f'<table class="tasks">{header}{tasks}</table>' if tasks else "<p>none</p>",
        sizes=sizes(record.tasks),
        provenance=pairs(record.provenance),
    )
