"""`make lock`: every version and hash, from the direct dependencies in the .in files."""

import os
from pathlib import Path

from tools.lessons import PROJECTS, find_folder
from tools.paths import ROOT, SHARED
from tools.uv import uv

TOOLS = ROOT / "tools"
# uv and the tools are installed by whatever Python make finds.
PINNED = [
    (TOOLS / "uv.in", "3.10"),
    (TOOLS / "requirements.in", "3.10"),
    (TOOLS / "dev.in", "3.11"),
    (SHARED / "requirements.in", "3.11"),
    (ROOT / "images" / "tabular" / "requirements.in", "3.11"),
]


def lock() -> None:
    """Writes the lock of the lesson that PROJECT names, or all locks."""
    lessons = [(file, "3.11") for file in sorted(PROJECTS.glob("*/requirements*.in"))]
    if os.environ.get("PROJECT"):
        folder = find_folder(os.environ["PROJECT"])
        chosen_files = [pinned for pinned in lessons if pinned[0].parent == folder]
    else:
        chosen_files = PINNED + lessons
    for file, python in chosen_files:
        compile_lock(file, python)
        print(f"{file.relative_to(ROOT)}: locked", flush=True)


def compile_lock(file: Path, python: str) -> None:
    """Pins `file` for Linux and macOS, x86-64 and arm64, Python `python` and later.

    The lock names neither its project nor a registry: lessons with the same dependencies have the same
    lock, byte for byte, and share one layer in their images. Versions stay unless UPGRADE=1.
    """
    lock_file = file.with_suffix(".txt")
    partial = lock_file.with_suffix(".txt.partial")
    if lock_file.exists() and not os.environ.get("UPGRADE"):
        partial.write_bytes(lock_file.read_bytes())
    command = ["pip", "compile", "--universal", "--generate-hashes", "--python-version", python]
    command += ["--custom-compile-command", "make lock", "--output-file", partial.name, file.name]
    try:
        uv(command, f"{file.relative_to(ROOT)} could not be locked", folder=file.parent)
        partial.replace(lock_file)
    finally:
        partial.unlink(missing_ok=True)
