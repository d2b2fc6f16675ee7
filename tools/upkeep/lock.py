"""`make lock`: every version and hash, from the direct dependencies in the .in files."""

import fnmatch
import os
import re
import tempfile
from pathlib import Path

from packaging.utils import canonicalize_name

from tools.core.errors import Stop
from tools.core.exclusive import exclusively
from tools.core.files import shown, text_of, whole, write
from tools.core.paths import PROJECTS, ROOT, RUNNER
from tools.environments.environment import torch_backend
from tools.environments.pins import pins
from tools.environments.uv import uv
from tools.lessons.catalog import find_folder, read
from tools.upkeep.wheels import need_wheels

# A pin of a release, without a local build such as +cpu: name, extras, version.
RELEASE = re.compile(r"^([A-Za-z0-9._-]+)(\[[^]]*\])?==(\d[\d.]*)(?=[\s;#]|$)", re.MULTILINE)
# Where .in files and their locks are.
FOLDERS = ("tools", "runner", "docs/*", "images/*", "projects/*")
# Locks for older Pythons than 3.11: uv and the tools are installed by whatever Python make finds.
OLDER = {ROOT / "tools" / "uv.in": "3.10", ROOT / "tools" / "requirements.in": "3.10"}


def sources() -> list[Path]:
    """The .in files of this repository, each of which has its lock beside it."""
    return [file for folder in FOLDERS for file in sorted(ROOT.glob(f"{folder}/*.in"))]


def lock() -> None:
    """Writes the lock of the lesson that PROJECT names, or all locks."""
    files = sources()
    if name := os.environ.get("PROJECT"):
        folder = find_folder(name)
        files = [file for file in files if file.parent == folder]
    pattern = os.environ.get("UPGRADE", "")
    upgrades = pattern not in ("", "0", "1")
    if upgrades and not any(wanted_pins(file, pattern) for file in files):
        raise Stop(f"UPGRADE={pattern!r} matches no pinned package of {of(files)}; as in UPGRADE='flytekit*'")
    with exclusively("lock"):
        for file in files:
            python = OLDER.get(file, "3.11")
            if upgrades:
                upgrade_pins(file, python, pattern)
            compile_lock(file, python)
            print(f"{file.relative_to(ROOT)}: locked", flush=True)
    for folder in dict.fromkeys(file.parent for file in files if file.parent.parent == PROJECTS):
        read(folder)  # says what the new lock has in another version than the base image


def of(files: list[Path]) -> str:
    """.in files in a message."""
    names = list(map(shown, files))
    return ", ".join(names) if len(names) < 4 else f"{names[0]} and {len(names) - 1} more files"


def wanted_pins(file: Path, pattern: str) -> list[str]:
    """The lines of a .in file that pin a package whose name matches a pattern."""
    lines = text_of(file).splitlines()
    return [line for line in lines if (pin := RELEASE.match(line)) and fnmatch.fnmatch(pin[1], pattern)]


def upgrade_pins(file: Path, python: str, pattern: str) -> None:
    """Moves pins in a .in file to the newest releases of their series: of 1.16.31 to the newest 1.16.

    Args:
        file: the .in file.
        python: the oldest Python that the releases must run on.
        pattern: which packages, as in flytekit*.
    """
    text = text_of(file)
    if not (wanted := wanted_pins(file, pattern)):
        return
    with tempfile.TemporaryDirectory() as folder:
        series, resolved = Path(folder) / "series.txt", Path(folder) / "resolved.txt"
        series.write_text("\n".join(RELEASE.sub(r"\1\2~=\3", line) for line in wanted), encoding="utf-8")
        command = ["pip", "compile", "--universal", "--python-version", python, "--override", series]
        command += [*torch_backend(text_of(file), True), "--output-file", resolved, file.name]
        uv(command, f"{file.relative_to(ROOT)}: no newer versions were found", folder=file.parent)
        found = pins(resolved)

    def newest(pin: re.Match[str]) -> str:
        of_series = pin[3].rpartition(".")[0] + "."
        name = canonicalize_name(pin[1])
        versions = [version for other, version in found if other == name and version.startswith(of_series)]
        return f"{pin[1]}{pin[2] or ''}=={versions[0]}" if len(versions) == 1 else pin[0]

    lines = [RELEASE.sub(newest, line) if line in wanted else line for line in text.splitlines()]
    write(file, "\n".join(lines) + "\n")


def compile_lock(file: Path, python: str) -> None:
    """Pins `file` for every supported platform, Python `python` and later; stops if a package lacks a wheel for one.

    A file beside it, with the suffix .excludes, names packages that the lock leaves out, although others ask for
    them. The lock names neither its project nor a registry: lessons with the same dependencies have the same
    lock, byte for byte, and share one layer in their images. Versions stay unless UPGRADE=1, or a pin in the
    .in file asks for another.
    """
    lock_file = file.with_suffix(".txt")
    # The lock's own head says the rest: Dependabot reads it there, to make the lock anew in the same way.
    # What the runner adds to a lesson's environment must not change what the lesson's own lock says.
    alone = ["--no-deps"] if file.parent == RUNNER else []
    options = ["--universal", "--generate-hashes", f"--python-version={python}", *alone]
    head = f"make lock  # uv pip compile {' '.join(options)}"
    with whole(lock_file) as partial:
        if lock_file.exists() and os.environ.get("UPGRADE") != "1":
            partial.write_bytes(lock_file.read_bytes())
        command = ["pip", "compile", *options, *torch_backend(text_of(file), True), "--custom-compile-command", head]
        if (excludes := file.with_suffix(".excludes")).exists():
            command += ["--excludes", excludes.name]
        command += ["--output-file", partial.name, file.name]
        uv(command, f"{file.relative_to(ROOT)} could not be locked", folder=file.parent)
        need_wheels(partial, python, str(file.relative_to(ROOT)))
