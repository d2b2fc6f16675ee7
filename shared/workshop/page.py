"""index.html of a run: the record as a page that a browser opens from disk, with links to the decks."""

from html import escape
from string import Template
from typing import Any

from workshop.record import Record, TaskRun

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
  .succeeded { color: #2da44e } .warning { color: #bf8700 }
  .failed, .interrupted, .aborted, .recoverable, .non-recoverable, .failure { color: #cf222e }
  pre { white-space: pre-wrap; border-left: 4px solid #cf222e; padding-left: 1rem }
</style>
<h1>$title</h1>
<p>$lesson, run $run: <strong class="$status">$status</strong>$seconds. Started $started by <code>$command</code></p>
$error
<h2>Outputs</h2>
$outputs
<h2>Inputs of $entry_point</h2>
$inputs
<h2>Tasks</h2>
$tasks
<h2>Where it comes from</h2>
$provenance
<p>The same for programs: <a href="record.json">record.json</a></p>
</html>
""")


# Characters of a task's input or output on the page.
LONGEST = 200


def pairs(values: dict[str, Any]) -> str:
    """A dictionary as a table of two columns."""
    rows = (f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in values.items())
    return f"<table>{''.join(rows)}</table>" if values else "<p>none</p>"


def listed(values: dict[str, Any]) -> str:
    """A task's inputs or outputs, one a line; data that lies in the run's folder as a link to it."""

    def shown(value: Any) -> str:
        words = str(value)
        text = escape(words if len(words) <= LONGEST else f"{words[:LONGEST]} … (all of it: record.json)")
        if not text.startswith(("tasks/", "nodes/")):
            return text
        _, task, *_, data, _file = f"{text}/".split("/")
        return f'<a href="{text}" title="{text}">{task}/…/{data[:8]}</a>'

    # Flyte calls the only output of a task o0 when it has no name.
    lines = (shown(value) if name == "o0" else f"{escape(name)} = {shown(value)}" for name, value in values.items())
    return "<br>".join(lines)


def asked(task: TaskRun, resource: str) -> str:
    """What a task asked for of a resource, in brackets; empty if nothing."""
    sizes = {"request": task.requests, "limit": task.limits}
    told = [f"{name} {size[resource]}" for name, size in sizes.items() if resource in size]
    return f" ({', '.join(told)})" if told else ""


def used(task: TaskRun) -> str:
    """What a task used beside what it asked for."""
    lines = [f"{task.seconds or 0:.3f} s"]
    if task.cpu_seconds is not None:
        lines.append(f"cpu {task.cpu_seconds:.1f} s{asked(task, 'cpu')}")
    if task.peak_mb is not None:
        lines.append(f"memory {task.peak_mb:.0f} MB{asked(task, 'memory')}")
    return "<br>".join(map(escape, lines))


def task_row(task: TaskRun) -> str:
    deck = f'<br><a href="{escape(task.deck)}">deck</a>' if task.deck else ""
    warned = "".join(f'<p class="warning">warning: {escape(words)}</p>' for words in task.warnings)
    return (
        f"<tr><th>{escape(task.name)}{deck}</th>"
        f'<td><span class="{task.status}">{task.status}</span><br>{used(task)}</td>'
        f"<td>{listed(task.inputs)}</td><td>{listed(task.outputs)}{warned}</td></tr>"
    )


def render(record: Record) -> str:
    """The page of a run as HTML text. Everything that the run supplied is escaped."""
    tasks = "".join(map(task_row, record.tasks))
    header = "<tr><th>task</th><th>result</th><th>inputs</th><th>outputs</th></tr>"
    texts = ("lesson", "run", "title", "status", "started", "command", "entry_point")
    return PAGE.substitute(
        {name: escape(getattr(record, name)) for name in texts},
        seconds=f" after {record.seconds:.2f} s" if record.seconds is not None else "",
        error=f'<pre>{escape(record.error)}\n<a href="error.txt">traceback</a></pre>' if record.error else "",
        outputs=pairs(record.outputs),
        inputs=pairs(record.inputs),
        tasks=f'<table class="tasks">{header}{tasks}</table>' if tasks else "<p>none</p>",
        provenance=pairs(record.provenance),
    )
