"""A task as a node calls it, and one attempt of it as it is kept in the run's folder."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flyteidl.core.literals_pb2 import LiteralMap
from flyteidl.core.tasks_pb2 import TaskTemplate
from flytekit.models.literals import LiteralMap as LiteralMapModel

from runner.records.data import Stored
from runner.records.record import of_facts, short_name

SUCCEEDED, RECOVERABLE, NON_RECOVERABLE = "succeeded", "recoverable", "non-recoverable"
CUT_OFF = "cut off"


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
    environment: Mapping[str, str] = field(default_factory=dict)
    index: int = 0
    mapped: Collection[str] = ()

    @property
    def name(self) -> str:
        return short_name(self.task.id.name)

    @property
    def run(self) -> Path:
        """The folder of the run, which holds that of the nodes."""
        return self.folder.parents[self.node.count("/") + 1]

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
    """One attempt of a task.

    Attributes:
        node: the node in the graph, `n0` or, inside a sub-workflow, `n0/n1`.
        task: the task's name without its module.
        number: 0 for the first attempt.
        outcome: succeeded, recoverable or system failure (both are tried again while retries last),
            non-recoverable, aborted, or cut off: the harness was killed while the attempt ran.
        seconds: wall time, the start of the interpreter or container included; 0 if it was cut off.
        requests, limits: the resources that the task asks for, by name, as Kubernetes writes them.
        peak_mb: the largest memory of one of its processes, in units of 10^6 bytes, if it ended by itself.
        cpu_seconds: its processor time, if it ended by itself.
        image: the image of its container; empty if it ran as a process.
        image_id: the digest by which the container engine knew the image; empty if it ran as a process.
        error: the last line of the error.
        deck: the path of the deck, if the task made one.
        started: when, as ISO 8601 in UTC; empty if it was cut off.
        read, written: what is stored of its inputs, as it was at the start, and of its outputs, as at the end.
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


def read_attempt(file: Path) -> Attempt:
    """An attempt from its attempt.json."""
    return of_facts(Attempt, json.loads(file.read_text()), read=Stored, written=Stored)


def write_message(file: Path, message) -> None:
    """Writes a protobuf message that any user may read, a container's too; never a part of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_bytes(message.SerializeToString())
    partial.chmod(0o644)
    partial.replace(file)


def models(literals: LiteralMap) -> LiteralMapModel:
    """Literals as flytekit's own objects."""
    return LiteralMapModel.from_flyte_idl(literals)


def literals_in(file: Path) -> LiteralMapModel:
    """The literals in a file; none if there is no such file."""
    return models(LiteralMap.FromString(file.read_bytes() if file.exists() else b""))
