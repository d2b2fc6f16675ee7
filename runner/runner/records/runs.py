"""`make runs`: all runs under out/ as a table and as one page, and what differs between two of them.

Reads the records and nothing that they name; what stands in them is shown, never followed.

python -m runner.records.runs OUT LESSON [RUN OTHER]     LESSON: only its runs; empty for all

Exit status: 0, 2 if there is no such run.
"""

import sys
from html import escape
from pathlib import Path
from urllib.parse import quote

from runner.errors import Stop
from runner.records.comparison import differences
from runner.records.files import write_atomically
from runner.records.find import records
from runner.records.picture.style import class_of, framed, seconds_in_words, status_in_words, style
from runner.records.record import Damaged, Record, in_words, load
from runner.records.text import one_line, visible

# Characters of a run's inputs or outputs in a line of the terminal, and in a cell of the page.
LINE, CELL = 60, 300
# Lines of the table in the terminal; the page has all runs.
LINES = 30


def figures(record: Record, longest: int) -> str:
    """The outputs of a run that are numbers or short texts."""
    short = {name: value for name, value in record.outputs.items() if len(in_words(value)) <= LINE}
    return listed(short, longest)


def listed(values: dict, longest: int) -> str:
    return one_line(", ".join(f"{name}={number(value)}" for name, value in values.items()), longest)


def number(value: object) -> str:
    """A value as text, a number with the digits that say something."""
    return f"{value:.6g}" if isinstance(value, float) else in_words(value)


def table(runs: list[tuple[Path, Record]]) -> list[str]:
    """The newest runs as lines for a terminal."""
    rows = [("run", "lesson", "status", "seconds", "inputs", "outputs")]
    for folder, record in runs[:LINES]:
        seconds = f"{record.seconds:.1f}" if record.seconds is not None else ""
        told = (folder.parent.name, record.status, seconds, listed(record.inputs, LINE), figures(record, LINE))
        rows.append((folder.name, *told))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    more = [f"… and {len(runs) - LINES} older runs: see the page"] if len(runs) > LINES else []
    return [visible(line) for line in lines] + more


def page(runs: list[tuple[Path, Record]]) -> str:
    """All runs as a page; links lead to the pages in the folders where the records were found."""
    rows = "".join(row(folder, record) for folder, record in runs)
    return framed("runs.html", style("colours.css", "page.css"), count=len(runs), rows=rows)


def row(folder: Path, record: Record) -> str:
    name, lesson = folder.name, folder.parent.name
    link = f"{quote(lesson)}/{quote(name)}/index.html"
    shown = f'<a href="{escape(link)}">{escape(name)}</a>' if (folder / "index.html").is_file() else escape(name)
    status = f'<span class="{class_of(record.status)}">{escape(status_in_words(record.status))}</span>'
    error = f"<br>{escape(one_line(record.error, CELL))}" if record.error else ""
    cells = (escape(lesson), status, seconds_in_words(record.seconds), escape(listed(record.inputs, CELL)))
    body = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{shown}</th>{body}<td>{escape(figures(record, CELL))}{error}</td></tr>\n'


def one(out: Path, lesson: str, name: str) -> Record:
    """The record of a run by its name; raises Stop."""
    folders = [file.parent for file in out.glob("*/*/record.json")]
    found = [folder for folder in folders if folder.name == name and lesson in ("", folder.parent.name)]
    try:
        return load(found[0])
    except (IndexError, FileNotFoundError):
        raise Stop(f"there is no run {name!r}; make runs lists them") from None
    except Damaged as error:
        raise Stop(str(error)) from None


def main(out: Path, lesson: str, *names: str) -> int:
    if names:
        try:
            first, second = (one(out, lesson, name) for name in names)
        except Stop as problem:
            print(f"make runs: {problem}", file=sys.stderr)
            return 2
        print("\n".join(differences(first, second)))
        return 0
    runs = list(records(out, lesson))
    if not runs:
        print(f"make runs: there are no runs; start one: make run PROJECT={lesson or 'flyte-basics'}", file=sys.stderr)
        return 2
    index = out / "index.html"
    write_atomically(index, page(list(records(out))))
    print(*table(runs), f"all runs: {index.resolve().as_uri()}", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
