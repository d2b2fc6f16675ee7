"""Inputs and outputs as people read them: links to data and to what made it, first rows, images, parameters."""

import base64
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

from runner.records.data import CONSTANT, INPUT, Source, Stored
from runner.records.record import in_words
from runner.records.text import WHOLE, bounded, visible

# Data of this run, or of another run of the lesson.
STORED = re.compile(r"(\.\./[^/]+/)?(tasks|nodes)/(?P<task>[^/]+)/")
# A file in the run's folder: a record from elsewhere may hold the address of anything, a script's too.
WITHIN = re.compile(r"(?!/)(?!.*(^|/)\.\.(/|$))[^:]+")
# Characters of a task's input or output on the page.
LONGEST = 200
REST = "all of it: record.json"
# Links to the tasks that a value comes from.
MOST = 6
# How the files of images begin that a page shows, and bytes of one image, and of all images of a page.
IMAGES = {b"\x89PNG\r\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}
LARGEST, ALL = 300_000, 3_000_000


class Images:
    """The images that a run's tasks wrote into its folder, in its page, as far as there is room for them."""

    def __init__(self, folder: Path):
        self.folder = folder.resolve()
        self.room = ALL

    def shown(self, item: Stored) -> str:
        """An image that a task wrote into the run's folder; empty for anything else."""
        if not WITHIN.fullmatch(item.path) or not 0 < item.size <= min(LARGEST, self.room):
            return ""
        file = (self.folder / item.path).resolve()
        if not file.is_relative_to(self.folder) or not file.is_file():
            return ""
        with open(file, "rb") as opened:
            content = opened.read(LARGEST + 1)
        kind = next((kind for start, kind in IMAGES.items() if content.startswith(start)), "")
        if not kind or len(content) > LARGEST:
            return ""
        self.room -= len(content)
        data = base64.b64encode(content).decode()
        return f'<img alt="{escape(file.name)}" src="data:image/{kind};base64,{data}">'


def pairs(values: dict[str, Any], after: Mapping[str, str] = MappingProxyType({})) -> str:
    """A dictionary as a table of two columns; `after` is HTML that follows a value."""
    rows = (
        f'<tr><th scope="row">{escape(name)}</th><td>{shown(value, {}, WHOLE)}{after.get(name, "")}</td></tr>'
        for name, value in values.items()
    )
    return f"<table>{''.join(rows)}</table>" if values else "<p>none</p>"


def listed(
    values: dict[str, Any],
    data: dict[str, list[Stored]],
    images: Images,
    after: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """A task's inputs or outputs, one a line, with what is known of the content of stored data."""
    hashes = {item.path: item.sha256 for items in data.values() for item in items}
    # Flyte calls the only output of a task o0 when it has no name.
    lines = (
        ("" if name == "o0" else f"{escape(name)} = ")
        + shown(value, hashes)
        + after.get(name, "")
        + "".join(inside(item, images) for item in data.get(name, []))
        for name, value in values.items()
    )
    return "<br>".join(lines)


def shown(value: Any, hashes: Mapping[str, str], longest: int = LONGEST) -> str:
    """A value as text; data in the folder of a run as a link to it, by its name if it has one."""
    words = in_words(value)
    text = escape(visible(bounded(words, longest, REST)))
    if not (stored := STORED.match(text)) or "\n" in text:
        return text
    last = text.rpartition("/")[2]
    name = last if "." in last else f"{stored['task']}/…/{last[:8]}"
    return f'<a href="{text}" title="{text}\nsha256 {hashes.get(words) or "not known"}">{name}</a>'


def inside(item: Stored, images: Images) -> str:
    """What is known of the content of stored data: an image, the first rows of a table, a model's parameters."""
    found = images.shown(item)
    if item.words:
        found += f"<pre>{escape(visible(item.words))}</pre>"
    return found + (first_rows(item) if item.rows else "")


def first_rows(item: Stored) -> str:
    """The first rows of a table."""
    every = [name for name in item.columns if not name.startswith("__index_level_")]  # pandas has put it there
    names = every[: max(map(len, item.rows))]
    head = "".join(f'<th scope="col">{escape(visible(name))}</th>' for name in names)
    rows = ("".join(f"<td>{escape(visible(cell))}</td>" for cell in row) for row in item.rows)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    more = f"<p>columns not shown: {len(every) - len(names)}</p>" if len(every) > len(names) else ""
    label = f"first {len(item.rows)} rows"
    table = f'<table class="rows"><caption>{label}</caption><tr>{head}</tr>{body}</table>'
    return f'<div class="wide" role="group" aria-label="{label}" tabindex="0">{table}</div>{more}'


def origins(sources: dict[str, list[Source]], names: Mapping[str, str]) -> dict[str, str]:
    """Links to what made each value: tasks, the inputs of the run. Where it stands in the code, there is no link.

    `names` are those of all tasks of the run, by id.
    """

    def link(source: Source) -> str:
        if source.kind == INPUT:
            return '<a href="#inputs">input</a>'
        return f'<a href="#task-{escape(source.task)}">{escape(names.get(source.task, source.task))}</a>'

    def links(found: list[Source]) -> str:
        told = [*dict.fromkeys(link(source) for source in found if source.kind != CONSTANT)]
        more = [f"{len(told) - MOST} more"] if len(told) > MOST else []
        return f' <span class="from">← {", ".join(told[:MOST] + more)}</span>' if told else ""

    return {name: links(found) for name, found in sources.items()}
