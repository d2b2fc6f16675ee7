"""A run and its tasks in the words of a lineage, and which of the paths in a record it may read."""

from pathlib import Path

from runner.records.attempts import place
from runner.records.record import MEBIBYTE, Record, TaskRun, lock_fact
from runner.records.text import moment_in_words


def among_runs(folder: Path, path: str) -> Path | None:
    """Where a stored path leads, if to a place among the lesson's runs: a record may name a device without an end."""
    try:
        found = (folder / path).resolve()
    except (OSError, ValueError, RuntimeError):
        return None
    return found if found.is_relative_to(folder.parent) else None


def about(record: Record) -> list[str]:
    """The run: its code, data, locks and versions."""
    facts = record.provenance

    def digest(name: str) -> str:
        return str(facts.get(name, "unknown"))[:12]

    after = f" after {record.seconds:.2f} s" if record.seconds is not None else ""
    locks = sorted({task.lock for task in record.tasks if task.lock}) or ["requirements.txt"]
    versions = {
        name: value for name, value in facts.items() if " " not in name and name not in ("revision", "platform")
    }
    return [
        f"run {record.run} of {record.lesson}: {record.status}{after}, "
        f"started {moment_in_words(record.started)} by {record.command}",
        *([f"error: {record.error}"] if record.error else []),
        f"{by_code(record)}: sha256 {digest('code sha256')}, data with it {digest('data sha256')}",
        *(f"lock {lock}, sha256 {digest(lock_fact(lock))}" for lock in locks),
        ", ".join(f"{name} {value}" for name, value in versions.items()),
    ]


def by_code(record: Record) -> str:
    revision = record.provenance.get("revision")
    changed = " with uncommitted changes" if record.provenance.get("uncommitted changes") else ""
    return f"by code of revision {str(revision)[:12]}{changed}" if revision else "by code of unknown revision"


def how(record: Record, task: TaskRun) -> str:
    """How a task ran: its status, earlier attempts, time, memory, image, lock."""
    words = [task.status, *([f"{task.seconds:.2f} s"] if task.seconds is not None else [])]
    if attempt := place(task, record.tasks):
        words[0] += f" in {attempt}"
    if task.peak_mb:
        words.append(f"{task.peak_mb / MEBIBYTE:.0f}Mi")
    if task.image:
        words.append(f"image {task.image.rpartition('/')[2]}" + (f" ({task.image_id[:19]})" if task.image_id else ""))
    if task.lock:
        words.append(task.lock)
    return ", ".join(words)
