"""`make lock`: every version and hash, from the direct dependencies in the .in files."""

import fnmatch
import os
import re
import tempfile
from pathlib import Path

from tools.core.errors import Stop
from tools.core.exclusive import exclusively
from tools.core.files import shown, text_of, whole, write
from tools.core.paths import PROJECTS, ROOT, RUNNER
from tools.environments.environment import torch_backend
from tools.environments.pins import pins
from tools.environments.uv import uv
from tools.lessons.catalog import find_folder, read
from tools.upkeep.wheels import need_wheels

TOOLS = ROOT / "tools"
# A pin of a release, without a local build such as +cpu: name, extras, version.
RELEASE = re.compile(r"^([A-Za-z0-9._-]+)(\[[^]]*\])?==(\d[\d.]*)(?=[\s;#]|$)", re.MULTILINE)
# uv and the tools are installed by whatever Python make finds.
PINNED = [
    (TOOLS / "uv.in", "3.10"),
    (TOOLS / "requirements.in", "3.10"),
    (TOOLS / "lineage.in", "3.11"),
    (TOOLS / "dev.in", "3.11"),
    (RUNNER / "requirements.in", "3.11"),
    (TOOLS / "site.in", "3.11"),
    (ROOT / "docs" / "flyte-2" / "requirements.in", "3.11"),
    (ROOT / "images" / "tabular" / "requirements.in", "3.11"),
    (ROOT / "images" / "sklearn" / "requirements.in", "3.11"),
]


def lock() -> None:
    """Writes the lock of the lesson that PROJECT names, or all locks."""
    lessons = [(file, "3.11") for file in sorted(PROJECTS.glob("*/requirements*.in"))]
    if os.environ.get("PROJECT"):
        folder = find_folder(os.environ["PROJECT"])
        chosen_files = [pinned for pinned in lessons if pinned[0].parent == folder]
    else:
        chosen_files = PINNED + lessons
    upgrade = os.environ.get("UPGRADE", "")
    if upgrade not in ("", "0", "1") and not any(wanted_pins(file, upgrade) for file, _ in chosen_files):
        raise Stop(f"UPGRADE={upgrade!r} matches no pinned package of {of(chosen_files)}; as in UPGRADE='flytekit*'")
    with exclusively("lock"):
        for file, python in chosen_files:
            if upgrade not in ("", "0", "1"):
                upgrade_pins(file, python, upgrade)
            compile_lock(file, python)
            print(f"{file.relative_to(ROOT)}: locked", flush=True)
    for folder in dict.fromkeys(file.parent for file, _ in chosen_files if file.parent.parent == PROJECTS):
        read(folder)  # says what the new lock has in another version than the base image


def of(pinned: list[tuple[Path, str]]) -> str:
    """.in files in a message."""
    names = [shown(file) for file, _ in pinned]
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
        name = re.sub(r"[-_.]+", "-", pin[1]).lower()
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
    options = " ".join(["--universal", "--generate-hashes", f"--python-version={python}", *alone])
    head = f"make lock  # uv pip compile {options}"
    with whole(lock_file) as partial:
        if lock_file.exists() and os.environ.get("UPGRADE") != "1":
            partial.write_bytes(lock_file.read_bytes())
        command = ["pip", "compile", "--universal", "--generate-hashes", "--python-version", python]
        command += [*torch_backend(text_of(file), True), "--custom-compile-command", head]
        if (excludes := file.with_suffix(".excludes")).exists():
            command += ["--excludes", excludes.name]
        command += alone
        command += ["--output-file", partial.name, file.name]
        uv(command, f"{file.relative_to(ROOT)} could not be locked", folder=file.parent)
        need_wheels(partial, python, str(file.relative_to(ROOT)))
