"""What differs between two runs: inputs, code, locks and versions, outputs, and how the tasks ended."""

from collections.abc import Iterator
from typing import Any

from runner.records.record import Record, TaskRun, in_words
from runner.records.text import one_line, visible

LONGEST = 60


def differences(first: Record, second: Record) -> list[str]:
    """The differences as lines: what is in one run, and what in the other."""
    lines = [f"{first.run} ({first.lesson}, {first.status}) and {second.run} ({second.lesson}, {second.status})"]
    parts = {
        "inputs": (first.inputs, second.inputs),
        "code, data and locks": (origin(first, True), origin(second, True)),
        "versions and machine": (origin(first, False), origin(second, False)),
        "outputs": (figures(first), figures(second)),
        "tasks": (tasks(first), tasks(second)),
    }
    for name, (one, other) in parts.items():
        found = list(differing(one, other))
        lines += [f"{name}: {'' if found else 'the same'}".rstrip(), *found]
    return [visible(line.replace("\n", " ")) for line in lines]


def differing(first: dict[str, Any], second: dict[str, Any]) -> Iterator[str]:
    """The names whose values differ, with both values."""
    for name in dict.fromkeys((*first, *second)):
        one, other = (short(values[name]) if name in values else "none" for values in (first, second))
        if first.get(name) != second.get(name) or (name in first) != (name in second):
            yield f"  {name}: {one} -> {other}"


def short(value: Any) -> str:
    return one_line(in_words(value), LONGEST)


def origin(record: Record, of_content: bool) -> dict[str, Any]:
    """Where a run comes from: the revision and the hashes of its files, or all else."""
    names = ("revision", "uncommitted changes")
    facts = record.provenance
    chosen = {name: facts[name] for name in facts if (name in names or name.endswith(" sha256")) == of_content}
    return {name: value[:12] if isinstance(value, str) and of_content else value for name, value in chosen.items()}


def figures(record: Record) -> dict[str, Any]:
    """The outputs; of stored data the hash, since two runs never store at the same place."""
    made = {task.id: task for task in record.tasks}
    found = {}
    for name, value in record.outputs.items():
        stored = [
            item.sha256
            for source in record.sources.get(name, [])
            if source.task in made
            for item in made[source.task].written.get(source.name, [])
        ]
        found[name] = f"sha256 {', '.join(sorted(hash[:12] for hash in stored))}" if stored else value
    return found


def tasks(record: Record) -> dict[str, str]:
    """How each task ended, and in which attempt: the last one."""
    last: dict[str, TaskRun] = {task.id or task.name: task for task in record.tasks}
    return {
        name: task.status + (f" in attempt {task.attempt + 1}" if task.attempt else "") for name, task in last.items()
    }
