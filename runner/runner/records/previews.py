"""What stored outputs hold, as people read it: the first rows of tables, and what models say of themselves.

Taken when an output is recorded, and bounded. No pickle is read: a table is read as Parquet, and a model has described
itself in the process of its task (runner/harness/descriptions.py).
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from runner.records.data import Stored, shorter
from runner.records.text import bounded, described, encodable

# In the folder of an attempt: what models say of themselves, by the paths at which they are stored.
DESCRIPTIONS = "descriptions.json"
# Bounds: rows, columns, characters of a cell and of a description, tables of an attempt.
ROWS, COLUMNS, CELL, WORDS, TABLES = 5, 12, 24, 1500, 6


def with_previews(written: Mapping[str, list[Stored]], attempt: Path, run: Path) -> dict[str, list[Stored]]:
    """What an attempt has stored, with what it holds; `attempt` and `run` are their folders."""
    words = {shorter(path, run): text for path, text in descriptions(attempt / DESCRIPTIONS)}
    room = TABLES

    def shown(item: Stored) -> Stored:
        nonlocal room
        rows = first_rows(run / item.path) if item.columns and room else []
        room -= bool(rows)
        return replace(item, rows=rows, words=words.get(item.path, ""))

    return {name: [shown(item) for item in items] for name, items in written.items()}


def descriptions(file: Path) -> Iterator[tuple[str, str]]:
    """The descriptions in a file, which the process of a task has written: anything may stand there."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return
    for path, text in found.items() if isinstance(found, dict) else ():
        if isinstance(text, str):
            yield path, bounded(encodable(text), WORDS)


def first_rows(place: Path) -> list[list[str]]:
    """The first rows of a table as text; what reads it has been loaded, since its columns are known."""
    file = place if place.is_file() else min(file for file in place.rglob("*") if file.is_file())
    with sys.modules["pyarrow.parquet"].ParquetFile(file) as table:
        names = [name for name in table.schema_arrow.names if not name.startswith("__index_level_")][:COLUMNS]
        batch = next(table.iter_batches(batch_size=ROWS, columns=names), None)
        rows = batch.to_pylist() if batch else []
    return [[cell(row[name]) for name in names] for row in rows]


def cell(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else value if isinstance(value, str) else described(value)
    return bounded(encodable(text), CELL)
