"""Finding runs: all of them, and the one whose lineage is asked for."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from runner.records.folder_lock import InUse, hold
from runner.records.record import FORMAT, Damaged, Record, load


class NoLineage(Exception):
    """Why there is nothing to follow, in one line with the next step."""


def records(out: Path, lesson: str = "") -> Iterator[tuple[Path, Record]]:
    """The runs of a lesson, or of all, by the newest name first, each as its folder and its record."""
    found = [file.parent for file in out.glob(f"{lesson or '*'}/*/record.json")]
    for folder in sorted(found, key=lambda folder: folder.name, reverse=True):
        with suppress(Damaged, FileNotFoundError):  # one that somebody changed, or is deleting
            yield folder, load(folder)


def chosen(lesson: str, out: Path, name: str) -> tuple[Path, Record]:
    """The folder and the record of the run called `name`, or of the newest; raises NoLineage."""
    folders = newest_first(out / lesson)
    if not folders:
        raise NoLineage(f"{lesson} has not been run yet; start a run: make run PROJECT={lesson}")
    found = [folder for folder in folders if folder.name == name] if name else folders
    if not found:
        known = ", ".join(folder.name for folder in folders[:5])
        raise NoLineage(f"there is no run {name!r} of {lesson}; the newest are: {known}")
    record = read(found[0])
    if record.status == "running":
        try:
            hold(found[0]).close()
        except InUse:
            raise NoLineage(
                f"run {record.run} still runs; wait for its end, or choose another run: RUN=<name>"
            ) from None
        raise NoLineage(f"run {record.run} was cut off before its record was written; run it again: {record.command}")
    if record.execution and record.status == "interrupted":
        raise NoLineage(
            f"run {record.run} did not follow execution {record.execution} to its end; "
            f"follow it: make watch PROJECT={lesson} EXECUTION={record.execution}"
        )
    return found[0], record


def newest_first(runs: Path) -> list[Path]:
    """The folders of a lesson's runs by when the runs started: that of an old execution may have been made today."""
    folders = (file.parent.resolve() for file in runs.glob("*/record.json"))
    return sorted(folders, key=lambda folder: (started(folder), folder.name), reverse=True)


def is_newest(folder: Path) -> bool:
    """Whether no other run of the lesson started later."""
    return newest_first(folder.parent)[0] == folder


def started(folder: Path) -> datetime:
    """When a run started; if its record is damaged, when its folder was made."""
    try:
        found = datetime.fromisoformat(load(folder).started)
    except (Damaged, FileNotFoundError, ValueError):
        found = datetime.fromtimestamp(folder.stat().st_ctime, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def read(folder: Path) -> Record:
    """The record of a run that says where values come from; raises NoLineage."""
    try:
        record = load(folder)
    except Damaged as error:
        raise NoLineage(f"{error}; choose another run: RUN=<name>") from None
    if record.format < FORMAT:
        raise NoLineage(
            f"run {record.run} was recorded by an older version, which did not note where values come from; "
            f"run it again: {record.command}"
        )
    return record
