"""How the outputs of a run came to be: each followed back through its tasks to the data, as lines of text.

Reads records only, and needs nothing but Python: no flytekit, no environment of a lesson. What is stored is hashed
again, so that a file that somebody changed after the run is found.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runner.records.data import BODY, CONSTANT, INPUT, Source, Stored, shorter, stored
from runner.records.find import NoLineage, read
from runner.records.lineage_words import about, among_runs, by_code, how
from runner.records.record import Record, TaskRun, in_words
from runner.records.text import one_line, visible

GONE = "gone"

# Characters of a value on one line.
LONGEST = 90


@dataclass(frozen=True)
class Call:
    """A task run in a run, which may be a different run from the one that is followed."""

    folder: Path
    record: Record
    task: TaskRun

    @property
    def key(self) -> tuple[Path, str]:
        return self.folder, self.task.id


class Lineage:
    """The lineage of a run as text: its outputs, then the tasks from the last one back, each once.

    Attributes:
        lines: what is written.
        checked: what is stored, by its path, and whether it is as it was: "", "gone", or how it differs.
    """

    def __init__(self, folder: Path, record: Record):
        self.folder = folder
        self.lines = about(record)
        self.checked: dict[Path, str] = {}
        self.elsewhere: set[str] = set()  # what is stored, and could not be read from this machine
        self.waiting: list[Call] = []  # of the tasks, those still to be written
        self.met: set[tuple[Path, str]] = set()
        self.lines.append("")
        for name, value in record.outputs.items():
            sources = self.sources(Call(folder, record, TaskRun("", {})), record.sources.get(name, []))
            self.lines.append(f"{name} = {short(shorter(value, folder))}{sources}")
        if not record.outputs:
            self.lines.append("no outputs; what its last tasks came from:")
            for task in ends(record):
                self.meet(Call(folder, record, task))
        while self.waiting:
            self.write(self.waiting.pop(0))
        self.lines += ["", self.summary()]
        self.lines = [visible(line) for line in self.lines]

    @property
    def changed(self) -> list[Path]:
        """What is stored and not as it was."""
        return [path for path, state in self.checked.items() if state not in ("", GONE)]

    def meet(self, call: Call) -> str:
        """Has a task written later, unless it has been; returns how to refer to it."""
        if call.key not in self.met:
            self.met.add(call.key)
            self.waiting.append(call)
        return call.task.title + ("" if call.folder == self.folder else f" of run {call.record.run}")

    def sources(self, at: Call, sources: list[Source]) -> str:
        """Where a value comes from, in words."""
        told = []
        for source in sources:
            if source.kind == INPUT:
                told.append(f"input {source.name}{source.part} of the run")
            elif source.kind == CONSTANT:
                told.append("the workflow's code")
            else:
                given = "the body of" if source.kind == BODY else named(source)
                told.append(f"{given} {self.meet(replace(at, task=last(at.record, source.task)))}".strip())
        return f"  <- {', '.join(told)}" if told else ""

    def write(self, at: Call) -> None:
        """A task: how it ran, and its inputs with what they came from."""
        task = at.task
        self.lines += ["", f"{self.meet(at)}: {how(at.record, task)}"]
        if task.error:
            self.lines.append(f"  error: {short(task.error)}")
        if task.computed_by:
            found, words = self.computed(at)
            self.lines.append(f"  {words}")
            if found:
                return
        for name, value in task.inputs.items():
            sources, data = task.sources.get(name, []), task.read.get(name, [])
            parent = next((last(at.record, source.task) for source in sources if source.kind == BODY), None)
            same = same_content(data, parent) if parent else ""
            told = self.sources(at, sources) + (f", the same content as its {same}" if same else "")
            self.lines.append(f"  {name}{equals(value, data)}{told}")
            self.lines += [f"    {self.content(at, item, written(at.record, sources, item))}" for item in data]
        for name, url in task.addresses.items():
            if name != "log":
                self.elsewhere.add(url)
            self.lines.append(f"  {name}: {url}")
        if task.has_no_inputs:
            self.lines.append("  no inputs: what it reads lies with the code")
            with_code = at.record.data_with_code
            self.lines += [f"    {name}: sha256 {str(content)[:12]}" for name, content in with_code.items()]
        for name, value in task.outputs.items():
            data = task.written.get(name, [])
            self.lines.append(f"  -> {name}{equals(value, data)}")
            self.lines += [f"    {self.content(at, item, None)}" for item in data]
        if not task.outputs and task.status == "succeeded" and any(item.parent == task.id for item in at.record.tasks):
            self.lines.append("  -> from its tasks")

    def computed(self, at: Call) -> tuple[bool, str]:
        """Whether the task run that computed a cached result is to be found, to be written later; and words on it."""
        other = at.folder.parent / Path(at.task.computed_by).name
        why = f"computed in run {at.task.computed_by}, "
        try:
            found = at.record if other == at.folder else read(other)
            match = next(item for item in found.tasks if item.id == at.task.computed_as and item.task == at.task.task)
        except FileNotFoundError:
            return False, f"{why}which is gone; the inputs that it was found by:"
        except (NoLineage, StopIteration):
            return False, f"{why}whose record has no further details; the inputs that it was found by:"
        return True, f"{why}{by_code(found)}  <- {self.meet(Call(other, found, match))}"

    def content(self, at: Call, item: Stored, before: Stored | None) -> str:
        """What is stored: its hash, and whether it still is what it was."""
        if not item.sha256:
            self.elsewhere.add(item.path)
            return f"{item.path}: could not be read on this machine, so it has no hash"
        path = among_runs(at.folder, item.path)
        if path is None:
            return f"{item.path}: sha256 {item.sha256[:12]}, {size(item.size)}, not checked: outside the runs' folder"
        if before and before.sha256 != item.sha256:
            self.checked[path] = f"it was {before.sha256[:12]} when its task had ended"
        if path not in self.checked:
            now = stored(str(path), at.folder).sha256
            self.checked[path] = "" if now == item.sha256 else f"it is {now[:12]} now" if now else GONE
        state = self.checked[path]
        words = "" if not state else f", {GONE} since" if state == GONE else f", CHANGED: {state}"
        return f"{item.path}: sha256 {item.sha256[:12]}, {size(item.size)}{words}"

    def summary(self) -> str:
        if self.elsewhere:
            where = f"{len(self.elsewhere)} stored values and files could not be read from this machine: not checked"
            return f"{self.of_checked()}; {where}" if self.checked else where
        return self.of_checked() if self.checked else "nothing stored on the way"

    def of_checked(self) -> str:
        """What came of the files that could be read."""
        gone = sum(state == GONE for state in self.checked.values())
        words = f"{len(self.checked)} stored files and folders checked" + (f", {gone} gone" if gone else "")
        if self.changed:
            return "\n".join([f"{words}, NOT as the run left them:", *(f"  {path}" for path in self.changed)])
        return f"{words}, {'the others' if gone else 'all'} as the run left them"


def named(source: Source) -> str:
    """Which output of a task a source is; nothing for an output that has no name, which Flyte calls o0."""
    name = source.part.removeprefix(".") if source.name == "o0" else f"{source.name}{source.part}"
    return f"{name} of" if name else ""


def last(record: Record, task: str) -> TaskRun:
    """The last attempt of a task run, which is the one that succeeded if any did."""
    if not (found := [item for item in record.tasks if item.id == task]):
        raise NoLineage(f"the record of run {record.run} is damaged: it names a task {task} that it does not have")
    return found[-1]


def ends(record: Record) -> list[TaskRun]:
    """The tasks whose outputs no other task has taken."""
    last = {task.id: task for task in record.tasks}
    taken = {source.task for task in last.values() for sources in task.sources.values() for source in sources}
    return [task for key, task in last.items() if key not in taken]


def written(record: Record, sources: list[Source], item: Stored) -> Stored | None:
    """What the task that made an input had written at the same path; None if that is not known."""
    makers = {source.task for source in sources if source.task}
    found = [part for task in record.tasks if task.id in makers for parts in task.written.values() for part in parts]
    return next((part for part in found if part.path == item.path), None)


def same_content(data: list[Stored], parent: TaskRun) -> str:
    """The input of a dynamic workflow that has the same content as what it handed on; empty if none has."""
    hashes = {item.sha256 for item in data} - {""}
    return next((name for name, items in parent.read.items() if hashes and hashes == {i.sha256 for i in items}), "")


def equals(value: Any, data: list[Stored]) -> str:
    """A value after its name; nothing if it is the path of what is stored, which has a line of its own."""
    return "" if value in [item.path for item in data] else f" = {short(value)}"


def short(value: Any) -> str:
    """A value in one line, cut off if it is long."""
    return one_line(in_words(value), LONGEST)


def size(count: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"
