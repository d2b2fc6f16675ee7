"""Files that are written whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Gives a path beside a file's place, and moves what was written there to its place: nobody reads half of it.

    If the block under `with` fails, the file stays as it was and nothing is left beside it.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write(path: Path, text: str) -> None:
    """Writes a text file whole."""
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8")
