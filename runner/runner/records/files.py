"""Files that are written whole or not at all."""

import os
import threading
from pathlib import Path


def write_atomically(file: Path, content: str | bytes, mode: int | None = None) -> None:
    """Writes a file so that a reader, or a crash, finds the old content or the new, never a part, nor a leftover.

    Text that cannot be encoded is written as Python shows it. `mode` is the file's, if not the usual one.
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    partial = file.with_name(f".{file.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        partial.write_bytes(data)
        if mode is not None:
            partial.chmod(mode)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
