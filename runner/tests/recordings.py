"""Watching a recorded execution, as `make watch` does it, with what it prints and keeps."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from admin.replay import Recording, recording
from running import HERE

from runner.cluster import control
from runner.command import ended
from runner.lesson import Lesson
from runner.records.record import Record, TaskRun, load


@dataclass(frozen=True)
class Watched:
    """What came of watching: the exit status, the lines about nodes, the last line, the record and its folder."""

    status: int
    nodes: list[str]
    line: str
    record: Record
    folder: Path

    def told(self) -> str:
        """All of it as text."""
        rows = [told(task) for task in self.record.tasks]
        parts = [*self.nodes, self.line, f"exit status {self.status}, record: {self.record.status}", *rows]
        return "\n".join(filter(None, parts)) + "\n"


def told(task: TaskRun) -> str:
    """A row of the record as text."""
    seconds = f", {task.seconds:.1f} s" if task.seconds is not None else ""
    started = f" from {task.started[11:19]}" if task.started else ""
    words = "; ".join(filter(None, [task.error, *task.warnings]))
    return f"  - {task.name} attempt {task.attempt + 1}: {task.status}{seconds}{started}" + (
        f": {words}" if words else ""
    )


def lesson_of(recorded: Recording, folder: Path) -> Lesson:
    """A lesson with the package that the recorded workflow is part of; its code is not there."""
    module, _, name = recorded.execution.closure.workflow_id.name.rpartition(".")
    package = module.partition(".")[0]
    shutil.copytree(HERE / "example", folder)
    (folder / "example_lesson").rename(folder / package)
    lesson = Lesson.read(folder)
    return Lesson(**vars(lesson) | {"entry_point": f"{package}.workflow:{name}"})


@pytest.fixture
def watch(service, tmp_path, capsys, monkeypatch):
    """Watches a recorded execution by the recording's name."""
    monkeypatch.setenv("WAIT", "0.001")

    def watch(name: str) -> Watched:
        recorded = recording(name)
        service.admin.recordings[recorded.name] = recorded
        lesson = lesson_of(recorded, tmp_path / name)
        module = recorded.execution.closure.workflow_id.name.rpartition(".")[0]
        for end in range(1, module.count(".") + 2):
            part = ".".join(module.split(".")[:end])
            monkeypatch.setitem(sys.modules, part, ModuleType(part))
        facts = {"version": "of another tree"}
        status = ended("make watch", lambda: control.watch(lesson, tmp_path / "out", facts, recorded.name))
        printed = capsys.readouterr()
        (file,) = (tmp_path / "out" / name).glob("*/record.json")
        line = printed.err.replace(f" (all of it: {file.with_name('error.txt')})", "").strip()
        nodes = [text for text in printed.out.splitlines() if text.startswith("  ")]
        return Watched(status, nodes, line, load(file.parent), file.parent)

    return watch
