"""Files that are written whole or not at all, copied, and read or refused in one line."""

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.core.errors import Stop
from tools.core.paths import ROOT


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


def copy(files: Iterable[Path], folder: Path) -> None:
    """Copies files of the repository below a folder, each to the path that it has in the repository."""
    for file in files:
        place = folder / file.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, place, follow_symlinks=False)  # a link may lead nowhere, as those of Emacs do


def shown(file: Path) -> str:
    """A file by its path in the repository, if it is in there."""
    return str(file.relative_to(ROOT) if file.is_relative_to(ROOT) else file)


def text_of(file: Path, by: str = "") -> str:
    """The text of a file; `by` is what asks for it, for the message of an error.

    Raises:
        Stop: it is missing, no file, or no UTF-8 text.
    """
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise Stop(f"{shown(file)}{by} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Stop(f"{shown(file)} is not UTF-8 text; save it as UTF-8") from None
