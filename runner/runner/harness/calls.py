"""A task as a node calls it, and one attempt of it as it is kept in the run's folder."""

import contextlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flyteidl.core.literals_pb2 import LiteralMap
from flyteidl.core.tasks_pb2 import TaskTemplate
from flytekit.models.literals import LiteralMap as LiteralMapModel
from google.protobuf.message import DecodeError, Message

from runner.graph.bindings import FAILURE_NODE
from runner.records.attempts import counted
from runner.records.data import Stored
from runner.records.facts import of_facts
from runner.records.files import write_atomically
from runner.records.record import short_name

SUCCEEDED, RECOVERABLE, NON_RECOVERABLE = "succeeded", "recoverable", "non-recoverable"
CUT_OFF, CACHED = "cut off", "cached"
# How a task's last attempt ends that has outputs.
DONE = (SUCCEEDED, CACHED)
# In the folder of an attempt: what flytekit warned of, one warning a line.
WARNINGS = "warnings.txt"


@dataclass(frozen=True)
class Call:
    """A task as a node calls it: with the node's overrides, in the node's folder.

    A member of a map task gets the lists over which it is mapped whole; its own element is the one at `index`.
    """

    node: str
    task: TaskTemplate
    folder: Path
    retries: int
    seconds: float | None
    index: int = 0
    mapped: Collection[str] = ()

    @property
    def name(self) -> str:
        return short_name(self.task.id.name)

    @property
    def run(self) -> Path:
        """The folder of the run, which holds that of the nodes."""
        return self.folder.parents[self.node.count("/") + 1]

    @property
    def handles_failure(self) -> bool:
        """Whether it is a failure handler, or within one."""
        return FAILURE_NODE in self.node.split("/")

    def own(self, inputs: LiteralMap) -> LiteralMap:
        """What of the inputs this call reads."""
        literals = inputs.literals.items()
        return LiteralMap(
            literals={
                name: item.collection.literals[self.index] if name in self.mapped else item for name, item in literals
            }
        )


@dataclass(frozen=True)
class Attempt:
    """One attempt of a task; what a record's TaskRun has too is described there.

    Attributes:
        node: the node in the graph, `n0` or, inside a sub-workflow, `n0/n1`.
        task: the task's name without its module.
        number: 0 for the first attempt.
        outcome: succeeded, cached (it did not have to run), recoverable or system failure (both are tried again
            while retries last), non-recoverable, aborted, or cut off: the harness was killed while the attempt ran.
        seconds: wall time, the start of the interpreter or container included; 0 if it was cut off.
        peak_mb, cpu_seconds: None if the runner stopped it.
        error: what is wrong, in the error's own words.
        deck: the path of the deck, if the task made one.
        warnings: what flytekit and its plugins warned of.
    """

    node: str
    task: str
    number: int
    outcome: str
    seconds: float = 0
    requests: dict[str, str] = field(default_factory=dict)
    limits: dict[str, str] = field(default_factory=dict)
    peak_mb: float | None = None
    cpu_seconds: float | None = None
    image: str = ""
    error: str = ""
    deck: str = ""
    image_id: str = ""
    started: str = ""
    read: dict[str, list[Stored]] = field(default_factory=dict)
    written: dict[str, list[Stored]] = field(default_factory=dict)
    system_retries: int = 0
    warnings: list[str] = field(default_factory=list)
    computed_seconds: float | None = None
    computed_by: str = ""
    computed_as: str = ""

    @property
    def title(self) -> str:
        """Which attempt it is, with the system retries among them."""
        system = f": {self.system_retries} system {counted(self.system_retries)}" if self.system_retries else ""
        return f"attempt {self.number + 1}{system}"


def read_attempt(file: Path) -> Attempt | None:
    """An attempt from its attempt.json; None if that is missing or damaged, since the attempt was cut off."""
    try:
        return of_facts(Attempt, json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError, RecursionError):
        return None


def attempts_in(folder: Path) -> list[Attempt]:
    """The finished attempts of a node, or of all nodes below a folder, in the order in which they ended."""
    files = sorted(folder.rglob("attempt-*/attempt.json"), key=lambda file: file.stat().st_mtime_ns)
    return [attempt for file in files if (attempt := read_attempt(file))]


def succeeded(node: Path) -> Path | None:
    """The folder of a task's attempt that succeeded; None if none has."""
    found = map(read_attempt, node.glob("attempt-*/attempt.json"))
    done = [attempt.number for attempt in found if attempt and attempt.outcome in DONE]
    return node / f"attempt-{max(done)}" if done else None


def seconds_of(node: Path) -> float:
    """How long the attempts of a node took that had a result, those of the nodes within it included."""
    return sum(attempt.seconds for attempt in attempts_in(node) if attempt.outcome == SUCCEEDED)


def warnings_in(folder: Path) -> list[str]:
    """What flytekit warned of in an attempt."""
    file = folder / WARNINGS
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def usage_in(folder: Path) -> dict[str, float]:
    """What an attempt used; empty if it was killed before that was written whole."""
    try:
        used = json.loads((folder / "usage.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    numbers = used.items() if isinstance(used, dict) else ()  # a task may have written there what it liked
    return {name: value for name, value in numbers if isinstance(value, int | float)}


def write_message(file: Path, message: Message) -> None:
    """Writes a protobuf message that any user may read, a container's too; never a part of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, message.SerializeToString(), mode=0o644)


def read_message(kind: type[Message], file: Path) -> Any:
    """The protobuf message in a file; None if there is no such file, or only a part of it."""
    with contextlib.suppress(FileNotFoundError, DecodeError):
        return kind.FromString(file.read_bytes())
    return None


def models(literals: LiteralMap) -> LiteralMapModel:
    """Literals as flytekit's own objects."""
    return LiteralMapModel.from_flyte_idl(literals)


def literals_in(file: Path) -> LiteralMapModel:
    """The literals in a file; none if there is no such file, or only a part of it."""
    return models(read_message(LiteralMap, file) or LiteralMap())
