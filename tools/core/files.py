"""Files that are written whole or not at all."""

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Writes a file beside its place, and moves it there: nobody ever reads half of it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
