"""Runs: the folder, the record, the page that is written when one ends, and those that can be resumed."""

import contextlib
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import IO, Any

from runner.errors import Failure, Stop
from runner.lesson import Lesson
from runner.records import page
from runner.records.errors import reason, spared
from runner.records.files import write_atomically
from runner.records.find import records
from runner.records.folder_lock import InUse, hold
from runner.records.provenance import provenance, same_code
from runner.records.record import RUN, TEST, Record, jsonable, load, new_run, now, save
from runner.records.text import SCREEN, bounded, described, visible
from runner.terminal import ends


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Values as JSON can hold them, and as people write them on the command line; of other types, what Python says."""
    return {name: plain_value(value) for name, value in values.items()}


def plain_value(value: Any) -> Any:
    match value:
        case Enum():
            return plain_value(value.value)
        case date():
            return value.isoformat()
        case timedelta():
            return str(value)
        case bool() | int() | float() | str() | None:
            return value
    return described(value)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Lets no signal but SIGKILL cut off what is done under `with`, which takes a moment."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ends()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Run:
    """A run in out/<lesson>/<run>/, on whatever tier. Its folder is held while this object lives."""

    def __init__(self, lesson: Lesson, folder: Path, record: Record, lock: IO[str]):
        """Takes the run's folder, its record, and the lock that `hold` gave; see `start` and `resume`."""
        self.lesson = lesson
        self.folder = folder
        self.record = record
        self.lock = lock
        self.has_page = False
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
        origin = known or provenance(lesson)
        started = now()
        name = new_run(started)
        folder = (out / lesson.name / name).resolve()
        try:
            folder.mkdir(parents=True)
        except (FileExistsError, NotADirectoryError):
            stray = next(place for place in folder.parents if place.exists())
            raise Stop(f"{stray} is not a folder, so no run can be kept there; move it or delete it") from None
        record = Record(
            lesson=lesson.name,
            title=lesson.title,
            entry_point=entry_point,
            run=name,
            command=command,
            inputs=plain(inputs),
            started=started.isoformat(timespec="milliseconds"),
            provenance=origin,
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
        except SystemExit as error:
            failure = Failure(f"a task called sys.exit({error.code!r}) and left no outputs; a task ends by return")
            self.fail(failure)
            raise failure from None
        except Exception as error:
            self.fail(error)
            raise
        self.end("succeeded")

    def fail(self, error: Exception) -> None:
        """Records what the run failed with; error.txt has all that is known of it."""
        details = getattr(error, "details", "") or "".join(traceback.format_exception(error))
        with spared("error.txt"):
            write_atomically(self.folder / "error.txt", details)
        self.end("failed", error=reason(error))

    def save(self) -> None:
        """Writes the record."""
        save(self.record, self.folder)

    def end(self, status: str, error: str | None = None, seconds: float | None = None) -> None:
        """Writes the record and the page; `seconds` is how long the run took since its start, if that was not here.

        That a disk is full, say, is reported: the run ended as it did.
        """
        self.record.status, self.record.error = status, error
        started = datetime.fromisoformat(self.record.started)
        ended = now() if seconds is None else started + timedelta(seconds=seconds)
        self.record.ended = ended.isoformat(timespec="milliseconds")
        here = (self.record.seconds or 0) + time.perf_counter() - self.clock
        self.record.seconds = here if seconds is None else seconds
        with uninterrupted():
            with spared("the end of the run, in record.json"):
                self.save()
            with spared("the page of the run"):
                write_atomically(self.folder / "index.html", page.render(self.record, self.folder))
                self.has_page = True

    def tell(self, target: str = "make run") -> None:
        """Prints what was cached, the outputs or `target` and the error, and as the last line where the record is."""
        if self.record.served:
            print(self.record.served)
        for name, value in self.record.outputs.items():
            text = bounded(visible(str(value)), SCREEN, f"all of it: {self.folder / 'record.json'}")
            print(f"{name}:", text, sep="\n" if "\n" in text else " ")
        if self.record.error:
            file = self.folder / "error.txt"
            what = "all of it" if self.record.execution else "traceback"
            more = f" ({what}: {file})" if file.exists() else ""
            print(f"{target}: {visible(self.record.error)}{more}", file=sys.stderr)
        if self.has_page:
            decks = " and decks" if any(task.deck for task in self.record.tasks) else ""
            print(f"record{decks}: {(self.folder / 'index.html').as_uri()}", flush=True)


# An interrupted run says so in its record; a killed one says that it is running, and nobody holds its lock.
CUT_OFF = ("running", "interrupted")


def runs_of(lesson: Lesson, out: Path) -> Iterator[tuple[Path, Record]]:
    """The runs that `make run` started on this machine, the newest first, each as its folder and its record."""
    return ((folder.resolve(), record) for folder, record in records(out, lesson.name) if record.kind == RUN)


def cut_off(lesson: Lesson, out: Path, command: str, inputs: dict[str, Any]) -> Run | None:
    """The newest run of the lesson's entry point by this code with these inputs, resumed if it was cut off."""
    here = provenance(lesson)
    for folder, record in runs_of(lesson, out):
        same = (record.entry_point, record.inputs) == (lesson.entry_point, jsonable(plain(inputs)))
        if same and same_code(record.provenance, here):
            # One that was killed before it kept its inputs has nothing to resume from.
            if record.status not in CUT_OFF or not (folder / "nodes" / "inputs.pb").exists():
                return None
            with contextlib.suppress(InUse):
                return Run.resume(lesson, folder, command)
            return None
    return None
