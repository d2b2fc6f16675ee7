"""Runs: the folder, the record, the page that is written when one ends, and those that can be resumed."""

import contextlib
import sys
import time
import traceback
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import IO, Any

from runner.lesson import Lesson
from runner.records import page
from runner.records.errors import reason
from runner.records.folder_lock import InUse, hold
from runner.records.provenance import provenance, same_code
from runner.records.record import RUN, TEST, Damaged, Record, load, new_run, now, save, timestamp, write_atomically


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Values as JSON can hold them: numbers, texts and truth values as they are, enums' values, others' repr."""
    simple = (bool, int, float, str, type(None))
    bare = {name: value.value if isinstance(value, Enum) else value for name, value in values.items()}
    return {name: value if isinstance(value, simple) else repr(value) for name, value in bare.items()}


class Run:
    """A run in out/<lesson>/<run>/, on whatever tier. Its folder is held while this object lives."""

    def __init__(self, lesson: Lesson, folder: Path, record: Record, lock: IO[str]):
        """Takes the run's folder, its record, and the lock that `hold` gave; see `start` and `resume`."""
        self.lesson = lesson
        self.folder = folder
        self.record = record
        self.lock = lock
        self.clock = time.perf_counter()
        self.save()

    @classmethod
    def start(
        cls,
        lesson: Lesson,
        entry_point: str,
        out: Path,
        command: str,
        inputs: dict[str, Any],
        kind: str = TEST,
        known: dict[str, Any] | None = None,
    ) -> "Run":
        """Makes a new run's folder in `out`.

        `command` is what the user typed to start it, `known` where its results come from, if that is not this machine.
        """
        started = now()
        name = new_run(started)
        folder = (out / lesson.name / name).resolve()
        folder.mkdir(parents=True)
        record = Record(
            lesson=lesson.name,
            title=lesson.title,
            entry_point=entry_point,
            run=name,
            command=command,
            inputs=plain(inputs),
            started=started.isoformat(timespec="seconds"),
            provenance=known or provenance(lesson),
            kind=kind,
        )
        return cls(lesson, folder, record, hold(folder))

    @classmethod
    def resume(cls, lesson: Lesson, folder: Path, command: str) -> "Run":
        """Opens a run that has ended; raises InUse while another process runs it."""
        lock = hold(folder)
        record = load(folder)
        record.status, record.error, record.outputs = "running", None, {}
        record.continued.append(f"{now().isoformat(timespec='seconds')} {command}")
        (folder / "error.txt").unlink(missing_ok=True)
        return cls(lesson, folder, record, lock)

    @property
    def nodes(self) -> Path:
        """Where the harness keeps the attempts of each node."""
        return self.folder / "nodes"

    @contextlib.contextmanager
    def recorded(self) -> Iterator[None]:
        """Records how the block under `with` ends; what it raises goes on its way."""
        try:
            yield
        except KeyboardInterrupt:
            self.end("interrupted")
            raise
        except Exception as error:
            (self.folder / "error.txt").write_text(traceback.format_exc(), encoding="utf-8")
            self.end("failed", error=reason(error))
            raise
        self.end("succeeded")

    def save(self) -> None:
        """Writes the record."""
        save(self.record, self.folder)

    def end(self, status: str, error: str | None = None, seconds: float | None = None) -> None:
        """Writes the record and the page; `seconds` is how long the run took, if that was not here."""
        self.record.status, self.record.error = status, error
        self.record.ended = timestamp()
        here = (self.record.seconds or 0) + time.perf_counter() - self.clock
        self.record.seconds = here if seconds is None else seconds
        self.save()
        write_atomically(self.folder / "index.html", page.render(self.record))

    def tell(self, target: str = "make run") -> None:
        """Prints what was cached, the outputs or `target` and the error, and as the last line where the record is."""
        if self.record.served:
            print(self.record.served)
        for name, value in self.record.outputs.items():
            print(f"{name}:", value, sep="\n" if "\n" in str(value) else " ")
        if self.record.error:
            failed = [task.name for task in self.record.tasks if task.status == "failed"]
            task = f"task {failed[-1]} failed: " if failed else ""
            print(f"{target}: {task}{self.record.error} (traceback: {self.folder / 'error.txt'})", file=sys.stderr)
        decks = " and decks" if any(task.deck for task in self.record.tasks) else ""
        print(f"record{decks}: {(self.folder / 'index.html').as_uri()}", flush=True)


# An interrupted run says so in its record; a killed one says that it is running, and nobody holds its lock.
CUT_OFF = ("running", "interrupted")


def runs_of(lesson: Lesson, out: Path) -> list[tuple[Path, Record]]:
    """The runs that `make run` started on this machine, the newest first, each as its folder and its record."""
    found = []
    for file in sorted((out / lesson.name).glob("*/record.json"), reverse=True):
        with contextlib.suppress(Damaged, FileNotFoundError):  # one that somebody changed, or is deleting
            record = load(file.parent)
            if record.kind == RUN:
                found.append((file.parent.resolve(), record))
    return found


def cut_off(lesson: Lesson, out: Path, command: str, inputs: dict[str, Any]) -> Run | None:
    """The newest run of the lesson's entry point by this code with these inputs, resumed if it was cut off."""
    here = provenance(lesson)
    for folder, record in runs_of(lesson, out):
        same = (record.entry_point, record.inputs) == (lesson.entry_point, plain(inputs))
        if same and same_code(record.provenance, here):
            # One that was killed before it kept its inputs has nothing to resume from.
            if record.status not in CUT_OFF or not (folder / "nodes" / "inputs.pb").exists():
                return None
            with contextlib.suppress(InUse):
                return Run.resume(lesson, folder, command)
            return None
    return None
