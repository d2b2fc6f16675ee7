"""What the tasks used beside what they asked for: the table by which requests and limits are chosen."""

from html import escape

from runner.records.record import MEBIBYTE, TaskRun

# A longer table is closed at first.
MANY = 40
SIZES = """<table class="sizes">
<tr><th rowspan="2" scope="col">task</th><th rowspan="2" scope="col">seconds</th>
<th class="group" colspan="4" scope="colgroup">processor</th>
<th class="group" colspan="3" scope="colgroup">memory</th></tr>
<tr><th scope="col">seconds</th><th scope="col">cores</th><th scope="col">request</th><th scope="col">limit</th>
<th scope="col">peak</th><th scope="col">request</th><th scope="col">limit</th></tr>
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
    return f'<tr><th scope="row">{escape(task.title)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'


def sizes(tasks: list[TaskRun]) -> str:
    """The table with its heading; empty if no task was measured."""
    if all(task.peak_mb is None for task in tasks):
        return ""
    rows = [size_row(task) for task in tasks if task.status != "cached"]
    table = f"{SIZES}{''.join(rows)}</table>"
    region = f'<div class="wide" role="region" aria-label="what the tasks used" tabindex="0">{table}</div>'
    if len(rows) > MANY:
        region = f"<details><summary>{len(rows)} attempts</summary>{region}</details>"
    return f"<h2>What the tasks used, and what they asked for</h2>{region}"
