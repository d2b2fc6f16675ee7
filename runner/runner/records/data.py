"""What a record says of data: where each value comes from, and the content of what is stored, as hashes."""

import functools
import hashlib
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Kinds of sources: the output of a task, an input of the run, what a dynamic workflow made or handed on in its
# body, and what stands in the workflow's code (a constant, a default).
TASK, INPUT, BODY, CONSTANT = "task", "input", "body", "constant"
# Kinds of inputs and outputs by their types: stored data, and values.
STORED, VALUE = "stored", "value"


@dataclass(frozen=True)
class Source:
    """Where a value, or a part of it, comes from: `kind` is one of the above.

    Attributes:
        task: the id of the task run that made it; of BODY that of the dynamic workflow.
        name: which output of the task, or which input of the run.
        part: which part of that: `[0]` of a list, `.key` of a dictionary or data class.
    """

    kind: str
    task: str = ""
    name: str = ""
    part: str = ""


@dataclass(frozen=True)
class Stored:
    """A stored file or folder.

    Attributes:
        path: relative to the run's folder if it lies in that of a run of this lesson, else as it is.
        sha256: of its content; of a folder over the names and hashes of its files. Empty if it could not be read
            on this machine: it is somewhere else by its address, or gone, or not this user's.
        size: in bytes.
        files: how many files it has.
        columns: names and types, if it is a table and they were at hand.
        rows: the first rows of a table that a task wrote, as text.
        words: what a model that a task wrote says of itself: its parameters.
    """

    path: str
    sha256: str
    size: int = 0
    files: int = 1
    columns: dict[str, str] = field(default_factory=dict)
    rows: list[list[str]] = field(default_factory=list)
    words: str = ""


def stored(path: str, run: Path) -> Stored:
    """Reads what lies at a path, which is absolute or relative to the run's folder, and hashes it as it is now."""
    short = shorter(path, run)
    try:
        return hashed(run / path, short)
    except (OSError, ValueError):  # ValueError: no path can be like this
        return Stored(short, "", files=0)


def hashed(place: Path, short: str) -> Stored:
    """What is stored at a place, under a shorter name; raises OSError if it cannot be read."""
    if place.is_file():
        return Stored(short, content_hash(place), place.stat().st_size, columns=columns_of(place))
    if not place.is_dir():
        raise FileNotFoundError(place)
    files = sorted(file for file in place.rglob("*") if file.is_file())
    digest = hashlib.sha256()
    for file in files:
        digest.update(os.fsencode(file.relative_to(place)) + f"\0{content_hash(file)}\n".encode())
    size = sum(file.stat().st_size for file in files)
    return Stored(short, digest.hexdigest(), size, len(files), columns_of(files[0]) if files else {})


def columns_of(file: Path) -> dict[str, str]:
    """The columns of a Parquet file, if this process has loaded what reads them: they are not worth an import."""
    if (parquet := sys.modules.get("pyarrow.parquet")) is None:
        return {}
    with open(file, "rb") as content:
        if content.read(4) != b"PAR1":
            return {}
    try:
        return {column.name: str(column.type) for column in parquet.read_schema(file)}
    except (ValueError, OSError):  # it only looks like one
        return {}


def shorter(value: Any, run: Path) -> Any:
    """A path relative to the run's folder, if it lies in that of a run of the lesson; any other value as it is."""
    for prefix, short in ((f"{run}/", ""), (f"{run.parent}/", "../")):
        if isinstance(value, str) and value.startswith(prefix):
            return short + value.removeprefix(prefix)
    return value


def content_hash(file: Path) -> str:
    """SHA-256 of a file. One that has the same size and time as before is not read again by this process."""
    state = file.stat()
    return hash_of(file, state.st_ino, state.st_size, state.st_mtime_ns)


@functools.lru_cache(maxsize=100_000)
def hash_of(file: Path, inode: int, size: int, time: int) -> str:
    with open(file, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def step(key: str | int) -> str:
    """One step into a value, to an element or to a field, as a part of a Source."""
    return f"[{key}]" if isinstance(key, int) else f".{key}"
