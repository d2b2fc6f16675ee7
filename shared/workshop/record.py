"""The record of a run: what ran, from which code and lock, with which inputs, and what came out.

A run's folder is out/<lesson>/<run>/. It holds record.json, index.html (the same for a browser), one
folder per task with its deck and its data, and error.txt when the run failed.
"""

import contextlib
import json
import os
import platform
import re
import secrets
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

MEBIBYTE = 2**20 / 1e6  # in units of 10^6 bytes; Kubernetes calls it Mi


@dataclass
class TaskRun:
    """One call of a task, or one attempt of it. `status` is running, succeeded, failed, cached, or the harness's.

    Attributes:
        seconds: wall time; of a cached one, that of finding its result.
        computed_seconds, computed_by: how long it took to compute a cached result, and the run that did.
        deck: its path, relative to the run's folder.
        image: the image it ran in, or whose environment it ran in.
        requests, limits: the resources that it asks for, by name, as Kubernetes writes them.
        peak_mb: the largest memory of one of its processes, in units of 10^6 bytes.
        cpu_seconds: its processor time.
    """

    name: str
    inputs: dict[str, Any]
    status: str = "running"
    seconds: float | None = None
    outputs: dict[str, Any] = field(default_factory=dict)
    deck: str | None = None
    error: str | None = None
    image: str = ""
    requests: dict[str, str] = field(default_factory=dict)
    limits: dict[str, str] = field(default_factory=dict)
    peak_mb: float | None = None
    cpu_seconds: float | None = None
    warnings: list[str] = field(default_factory=list)
    computed_seconds: float | None = None
    computed_by: str = ""


@dataclass
class Record:
    """A run of a lesson's entry point.

    Attributes:
        status: running, succeeded, failed or interrupted.
        seconds: wall time; of a run that was killed and gone on with, without the time before that.
        continued: when, and by which command, somebody went on with it after it had ended.
    """

    lesson: str
    title: str
    entry_point: str
    run: str
    command: str
    inputs: dict[str, Any]
    started: str
    provenance: dict[str, Any]
    status: str = "running"
    seconds: float | None = None
    outputs: dict[str, Any] = field(default_factory=dict)
    tasks: list[TaskRun] = field(default_factory=list)
    error: str | None = None
    continued: list[str] = field(default_factory=list)

    @property
    def served(self) -> str:
        """What the cache did for the run, in words; empty if nothing."""
        cached = [task for task in self.tasks if task.status == "cached"]
        if not cached:
            return ""
        saved = sum(task.computed_seconds - (task.seconds or 0) for task in cached if task.computed_seconds is not None)
        every = len(self.tasks)
        return f"{every - len(cached)} of {every} tasks computed, the others cached: {saved:.2f} s saved"


def short_name(task: str) -> str:
    """A task's name without its module; of a map task the name of the task that it maps."""
    name = task.rpartition(".")[2]
    mapped = re.fullmatch(r"map_(.+)_[0-9a-f]{32}-arraynode", name)
    return mapped[1] if mapped else name


def new_run(started: datetime) -> str:
    """A name for a run that sorts by time and is unique when two start in the same second."""
    return f"{started:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def now() -> datetime:
    return datetime.now(UTC)


def write_atomically(file: Path, text: str) -> None:
    """Writes a file so that a reader, or a crash, finds the old content or the new, never a part."""
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)


def save(record: Record, folder: Path) -> None:
    """Writes record.json into the run's folder."""
    write_atomically(folder / "record.json", json.dumps(asdict(record), indent=2, default=repr) + "\n")


def load(folder: Path) -> Record:
    """Reads record.json from a run's folder; what is not of this version of the record is left out."""
    facts = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    known = {name: facts[name] for name in Record.__dataclass_fields__ if name in facts}
    tasks = [{name: task[name] for name in TaskRun.__dataclass_fields__ if name in task} for task in known["tasks"]]
    return Record(**known | {"tasks": [TaskRun(**task) for task in tasks]})


def provenance(project: Path) -> dict[str, Any]:
    """Where a result comes from: code revision, lock, versions of the direct dependencies, machine.

    Args:
        project: the lesson's folder, with requirements.in and requirements.txt.
    """
    return {
        "revision": git(project, "rev-parse", "HEAD"),
        "uncommitted changes": bool(git(project, "status", "--porcelain")),
        "code sha256": code_hash(project, Path(__file__).parent),
        "lock sha256": sha256((project / "requirements.txt").read_bytes()).hexdigest(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        **versions(direct_dependencies(project / "requirements.in")),
    }


def code_hash(*folders: Path) -> str:
    """The hash of all Python files in the folders but those in hidden ones, an environment's for example."""
    digest = sha256()
    for folder in folders:
        files = (file for name in ("*.py", "[!.]*/**/*.py") for file in folder.glob(name))
        for file in sorted(files):
            digest.update(f"{file.relative_to(folder)}\0{sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def same_code(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two provenances tell of the same code, in the same environment."""
    return all(one.get(name) == other.get(name) for name in ("code sha256", "lock sha256", "python"))


def versions(names: list[str]) -> dict[str, str]:
    """The installed versions; a package that is for other platforms only is left out."""
    found = {}
    for name in names:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def git(folder: Path, *arguments: str) -> str | None:
    """What git prints; None outside a checkout or without git."""
    try:
        answer = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def direct_dependencies(requirements: Path) -> list[str]:
    """The names in a requirements.in whose lines read `name==version`, also in files it includes by `-r file`."""
    names: list[str] = []
    for line in (line.split("#")[0].strip() for line in requirements.read_text(encoding="utf-8").splitlines()):
        if line.startswith("-r "):
            names += direct_dependencies(requirements.with_name(line.removeprefix("-r ").strip()))
        elif "==" in line:
            names.append(line.split("==")[0].split("[")[0])
    return names
