"""`make lock`: every version and hash, from the direct dependencies in the .in files."""

import fnmatch
import os
import re
import tempfile
from pathlib import Path

from tools.core.exclusive import exclusively
from tools.core.files import whole, write
from tools.core.paths import PROJECTS, ROOT
from tools.environments.environment import torch_backend
from tools.environments.pins import pins
from tools.environments.uv import uv
from tools.lessons.catalog import find_folder

TOOLS = ROOT / "tools"
# A pin of a release, without a local build such as +cpu: name, extras, version.
RELEASE = re.compile(r"^([A-Za-z0-9._-]+)(\[[^]]*\])?==(\d[\d.]*)(?=[\s;#]|$)", re.MULTILINE)
# uv and the tools are installed by whatever Python make finds.
PINNED = [
    (TOOLS / "uv.in", "3.10"),
    (TOOLS / "requirements.in", "3.10"),
    (TOOLS / "lineage.in", "3.11"),
    (TOOLS / "dev.in", "3.11"),
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
    with exclusively("lock"):
        for file, python in chosen_files:
            if upgrade not in ("", "1"):
                upgrade_pins(file, python, upgrade)
            compile_lock(file, python)
            print(f"{file.relative_to(ROOT)}: locked", flush=True)


def upgrade_pins(file: Path, python: str, pattern: str) -> None:
    """Moves pins in a .in file to the newest releases of their series: of 1.16.31 to the newest 1.16.

    Args:
        file: the .in file.
        python: the oldest Python that the releases must run on.
        pattern: which packages, as in flytekit*.
    """
    text = file.read_text(encoding="utf-8")
    wanted = [line for line in text.splitlines() if (pin := RELEASE.match(line)) and fnmatch.fnmatch(pin[1], pattern)]
    if not wanted:
        return
    with tempfile.TemporaryDirectory() as folder:
        series, resolved = Path(folder) / "series.txt", Path(folder) / "resolved.txt"
        series.write_text("\n".join(RELEASE.sub(r"\1\2~=\3", line) for line in wanted), encoding="utf-8")
        command = ["pip", "compile", "--universal", "--python-version", python, "--override", series]
        command += [*torch_backend(file.read_text(encoding="utf-8")), "--output-file", resolved, file.name]
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
    """Pins `file` for Linux and macOS, x86-64 and arm64, Python `python` and later.

    The lock names neither its project nor a registry: lessons with the same dependencies have the same
    lock, byte for byte, and share one layer in their images. Versions stay unless UPGRADE=1, or a pin in the
    .in file asks for another.
    """
    lock_file = file.with_suffix(".txt")
    # The lock's own head says the rest: Dependabot reads it there, to make the lock anew in the same way.
    head = f"make lock  # uv pip compile --universal --generate-hashes --python-version={python}"
    with whole(lock_file) as partial:
        if lock_file.exists() and os.environ.get("UPGRADE") != "1":
            partial.write_bytes(lock_file.read_bytes())
        command = ["pip", "compile", "--universal", "--generate-hashes", "--python-version", python]
        command += [*torch_backend(file.read_text(encoding="utf-8")), "--custom-compile-command", head]
        command += ["--output-file", partial.name, file.name]
        uv(command, f"{file.relative_to(ROOT)} could not be locked", folder=file.parent)
