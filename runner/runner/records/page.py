"""index.html of a run: the record as a page that a browser opens from disk, with links to the decks."""

import re
from collections.abc import Mapping
from html import escape
from string import Template
from types import MappingProxyType
from typing import Any

from runner.records.attempts import place
from runner.records.data import CONSTANT, INPUT, Source, Stored
from runner.records.record import MEBIBYTE, Record, TaskRun, in_words
from runner.records.text import WHOLE, bounded, visible

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
  .failed, .interrupted, .aborted, .off, .out, .recoverable, .non-recoverable, .failure { color: #cf222e }
  .from { color: #888 } td p { margin: 0 } :target { background: #0969da22 }
  .sizes td, .sizes th { width: auto; text-align: right; white-space: nowrap }
  .sizes th:first-child { text-align: left } .sizes .group { text-align: center }
  pre { white-space: pre-wrap; border-left: 4px solid #cf222e; padding-left: 1rem }
</style>
<h1>$title</h1>
<p>$lesson, run $run: <strong class="$status">$status</strong>$seconds. $served
Started $started by <code>$command</code>$continued$execution</p>
$error
<h2>Outputs</h2>
$outputs
<h2 id="inputs">Inputs of $entry_point</h2>
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
# A file in the run's folder: a record from elsewhere may hold the address of anything, a script's too.
WITHIN = re.compile(r"(?!/)(?!.*(^|/)\.\.(/|$))[^:]+")

# Characters of a task's input or output on the page.
LONGEST = 200
REST = "all of it: record.json"
# Links to the tasks that a value comes from.
MOST = 6


def pairs(values: dict[str, Any], after: Mapping[str, str] = MappingProxyType({})) -> str:
    """A dictionary as a table of two columns; `after` is HTML that follows a value."""
    rows = (
        f"<tr><th>{escape(name)}</th><td>{escape(bounded(in_words(value), WHOLE, REST))}{after.get(name, '')}</td></tr>"
        for name, value in values.items()
    )
    return f"<table>{''.join(rows)}</table>" if values else "<p>none</p>"


def listed(values: dict[str, Any], data: dict[str, list[Stored]], after: Mapping[str, str]) -> str:
    """A task's inputs or outputs, one a line; data that lies in the folder of a run as a link to it."""
    hashes = {item.path: item.sha256 for items in data.values() for item in items}

    def shown(value: Any) -> str:
        words = in_words(value)
        text = escape(bounded(words, LONGEST, REST))
        if not (stored := STORED.match(text)):
            return text
        title = f"{text}\nsha256 {hashes.get(words) or 'not known'}"
        return f'<a href="{text}" title="{title}">{stored["task"]}/…/{text.rpartition("/")[2][:8]}</a>'

    # Flyte calls the only output of a task o0 when it has no name.
    lines = (
        (shown(value) if name == "o0" else f"{escape(name)} = {shown(value)}") + after.get(name, "")
        for name, value in values.items()
    )
    return "<br>".join(lines)


def origins(sources: dict[str, list[Source]], names: Mapping[str, str]) -> dict[str, str]:
    """Links to what made each value: tasks, the inputs of the run. Where it stands in the code, there is no link.

    `names` are those of all tasks of the run, by id.
    """

    def link(source: Source) -> str:
        if source.kind == INPUT:
            return '<a href="#inputs">input</a>'
        return f'<a href="#{anchor(source.task)}">{escape(names.get(source.task, source.task))}</a>'

    def links(found: list[Source]) -> str:
        told = [*dict.fromkeys(link(source) for source in found if source.kind != CONSTANT)]
        more = [f"{len(told) - MOST} more"] if len(told) > MOST else []
        return f' <span class="from">← {", ".join(told[:MOST] + more)}</span>' if told else ""

    return {name: links(found) for name, found in sources.items()}


def anchor(task: str) -> str:
    """Where on the page a task is: that of its last attempt."""
    return f"task-{escape(task)}"


def address(task: TaskRun, name: str) -> str:
    """Where a cluster has the inputs or the outputs of an attempt; no link, since no browser opens it."""
    url = task.addresses.get(name)
    return f'<p class="from">at {escape(url)}</p>' if url else ""


def task_row(
    task: TaskRun, names: Mapping[str, str] = MappingProxyType({}), is_last: bool = True, attempt: str = ""
) -> str:
    """A task's row.

    `names` are those of all tasks of the run, by id; `is_last` says if it is the last attempt, `attempt` which it is.
    """
    name = f' id="{anchor(task.id)}"' if is_last and task.id else ""
    log = task.addresses.get("log", "")
    deck = task.deck if task.deck and WITHIN.fullmatch(task.deck) else ""
    pages = {"deck": deck, "log": log if log.startswith(("http://", "https://")) else ""}
    links = "".join(f'<br><a href="{escape(url)}">{word}</a>' for word, url in pages.items() if url)
    by, status = escape(task.computed_by), escape(task.status)
    computed = f"<br>computed in {task.computed_seconds:.3f} s" if task.computed_seconds is not None else ""
    there = f"#{anchor(task.computed_as)}" if task.computed_as else ""
    computed += f'<br>by <a href="../{by}/index.html{there}">{by}</a>' if by else ""
    warned = "".join(f'<p class="warning">warning: {escape(words)}</p>' for words in task.warnings)
    words = bounded(visible(task.error or ""), WHOLE, "all of it: error.txt")
    failed = f'<p class="failure">{escape(words)}</p>' if words else ""
    tried = f"<br>{escape(attempt)}" if attempt else ""
    seconds = f"{task.seconds:.3f} s" if task.seconds is not None else ""
    return (
        f"<tr{name}><th>{escape(task.title)}{links}</th>"
        f'<td><span class="{status}">{status}</span>{tried}<br>{seconds}{computed}</td>'
        f"<td>{listed(task.inputs, task.read, origins(task.sources, names))}{address(task, 'inputs')}</td>"
        f"<td>{listed(task.outputs, task.written, {})}{address(task, 'outputs')}{failed}{warned}</td></tr>"
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
    return f"<tr><th>{escape(task.title)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def sizes(tasks: list[TaskRun]) -> str:
    """The table by which requests and limits are chosen; empty if no task was measured."""
    if all(task.peak_mb is None for task in tasks):
        return ""
    rows = (size_row(task) for task in tasks if task.status != "cached")
    return f"{SIZES}{''.join(rows)}</table>"


def execution(record: Record) -> str:
    """Of a run on a cluster, the execution, with the way to Flyte's console."""
    if not record.execution:
        return ""
    name = escape(record.execution)
    is_page = record.console.startswith(("https://", "http://"))
    return "<br>On a cluster, as execution " + (f'<a href="{escape(record.console)}">{name}</a>' if is_page else name)


def render(record: Record) -> str:
    """The page of a run as HTML text. Everything that the run supplied is escaped."""
    last = {task.id: task for task in record.tasks}
    names = {key: task.title for key, task in last.items()}
    tasks = "".join(task_row(task, names, task is last[task.id], place(task, record.tasks)) for task in record.tasks)
    header = "<tr><th>task</th><th>result</th><th>inputs</th><th>outputs</th></tr>"
    texts = ("lesson", "run", "title", "status", "started", "command", "entry_point")
    return PAGE.substitute(
        {name: escape(getattr(record, name)) for name in texts},
        seconds=f" after {record.seconds:.2f} s" if record.seconds is not None else "",
        served=escape(f"{record.served}." if record.served else ""),
        continued="".join(f"<br>Resumed at {escape(words)}" for words in record.continued),
        execution=execution(record),
        error=f'<pre>{escape(visible(record.error))}\n<a href="error.txt">all of it</a></pre>' if record.error else "",
        outputs=pairs(record.outputs, origins(record.sources, names)),
        inputs=pairs(record.inputs),
        tasks=f'<table class="tasks">{header}{tasks}</table>' if tasks else "<p>none</p>",
        sizes=sizes(record.tasks),
        provenance=pairs(record.provenance),
    )
