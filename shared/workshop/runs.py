"""A run while it lasts: its folder, its record, and the page that is written when it ends."""

import contextlib
import sys
import time
import traceback
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from workshop import page, record
from workshop.lesson import Lesson
from workshop.observe import reason
from workshop.record import Record


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Values as JSON can hold them: numbers, texts and truth values as they are, enums' values, others' repr."""
    simple = (bool, int, float, str, type(None))
    bare = {name: value.value if isinstance(value, Enum) else value for name, value in values.items()}
    return {name: value if isinstance(value, simple) else repr(value) for name, value in bare.items()}


class Run:
    """A run in out/<lesson>/<run>/, on whatever tier."""

    def __init__(self, lesson: Lesson, entry_point: str, out: Path, command: str, inputs: dict[str, Any]):
        """Makes the run's folder in `out`; `command` is what the user typed to start it."""
        started = record.now()
        name = record.new_run(started)
        self.lesson = lesson
        self.clock = time.perf_counter()
        self.folder = (out / lesson.name / name).resolve()
        self.folder.mkdir(parents=True)
        self.record = Record(
            lesson=lesson.name,
            title=lesson.title,
            entry_point=entry_point,
            run=name,
            command=command,
            inputs=plain(inputs),
            started=started.isoformat(timespec="seconds"),
            provenance=record.provenance(lesson.folder),
        )
        record.save(self.record, self.folder)

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

    def end(self, status: str, error: str | None = None) -> None:
        """Writes the record and the page."""
        self.record.status, self.record.error = status, error
        self.record.seconds = time.perf_counter() - self.clock
        record.save(self.record, self.folder)
        record.write_atomically(self.folder / "index.html", page.render(self.record))

    def tell(self) -> None:
        """Prints what was cached, the outputs or the error in one line, and as the last line where the record is."""
        if self.record.served:
            print(self.record.served)
        for name, value in self.record.outputs.items():
            print(f"{name}:", value, sep="\n" if "\n" in str(value) else " ")
        if self.record.error:
            failed = [task.name for task in self.record.tasks if task.status == "failed"]
            task = f"task {failed[-1]} failed: " if failed else ""
            print(f"make run: {task}{self.record.error} (traceback: {self.folder / 'error.txt'})", file=sys.stderr)
        decks = " and decks" if any(task.deck for task in self.record.tasks) else ""
        print(f"record{decks}: {(self.folder / 'index.html').as_uri()}", flush=True)
