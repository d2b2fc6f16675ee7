"""The record of a run: what ran, from which code and lock, with which inputs, and what came out.

A run's folder, out/<lesson>/<run>/, holds record.json, index.html (the same for a browser), a folder for each node with
its attempts, and error.txt if the run failed.
"""

import json
import math
import re
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runner.records.data import Source, Stored
from runner.records.facts import of_facts
from runner.records.files import write_atomically
from runner.records.graph_facts import NodeFact
from runner.records.text import WHOLE, bounded, described, encodable

# Raised when a record holds more than before, so that a reader knows what an older one lacks.
FORMAT = 2

# Kinds of runs: `make run` on this machine, a test, an execution on a cluster.
RUN, TEST, EXECUTION = "run", "test", "execution"

MEBIBYTE = 2**20 / 1e6  # in units of 10^6 bytes; Kubernetes calls it Mi


class Damaged(ValueError):
    """A record.json is not a record; the message says which, and why."""


@dataclass
class TaskRun:
    """One call of a task, or one attempt of it. `status` is running, succeeded, failed, cached, or the harness's.

    Attributes:
        id: of the call, unique in the run: the node of the graph. Attempts of a call share it.
        attempt: 0 for the first.
        task: the name under which Flyte knows the task.
        parent: the id of the dynamic workflow whose body called it; empty if none did.
        started: when, as ISO 8601 in UTC; empty if that is not known.
        sources: where each input comes from.
        read, written: what is stored of the inputs, as it was at the start, and of the outputs, as at the end.
        lock: the lock of the environment or image it ran in, a file of the lesson; empty if it has none.
        seconds: wall time; of a cached one, that of finding its result.
        computed_seconds, computed_by: how long it took to compute a cached result, and the run that did.
        computed_as: the id of the task run in that run.
        deck: its path, relative to the run's folder.
        image: the image of the container that it ran in; empty if it was none.
        image_id: the digest by which the container engine knew the image; empty if it was no container.
        requests, limits: the resources that it asks for, by name, as Kubernetes writes them.
        peak_mb: the largest memory of one of its processes, in units of 10^6 bytes.
        cpu_seconds: its processor time.
        system_retries: how many of the attempts up to this one were made because the one before was killed.
        addresses: of an attempt on a cluster, where its log is, and its inputs and outputs in the cluster's store.
        log: of an attempt on this machine, its path, relative to the run's folder.
        members: of a map task on a cluster, how many are in which phase.
        interface: the `inputs` and the `outputs` that the task declares, each as STORED or VALUE by its name, if known.
    """

    name: str
    inputs: dict[str, Any]
    status: str = "running"
    seconds: float | None = None
    outputs: dict[str, Any] = field(default_factory=dict)
    deck: str | None = None
    error: str | None = None
    image: str = ""
    requests: dict[str, str] = field(default_factory=dict)
    limits: dict[str, str] = field(default_factory=dict)
    peak_mb: float | None = None
    cpu_seconds: float | None = None
    warnings: list[str] = field(default_factory=list)
    computed_seconds: float | None = None
    computed_by: str = ""
    computed_as: str = ""
    id: str = ""
    attempt: int = 0
    task: str = ""
    parent: str = ""
    started: str = ""
    sources: dict[str, list[Source]] = field(default_factory=dict)
    read: dict[str, list[Stored]] = field(default_factory=dict)
    written: dict[str, list[Stored]] = field(default_factory=dict)
    lock: str = ""
    image_id: str = ""
    system_retries: int = 0
    addresses: dict[str, str] = field(default_factory=dict)
    log: str = ""
    members: str = ""
    interface: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Its name and its id, which names of a cluster's tasks have already."""
        return self.name if not self.id or self.name.endswith(f"({self.id})") else f"{self.name} ({self.id})"

    @property
    def has_no_inputs(self) -> bool:
        """Whether it is known to take none, so that what it reads lies with the code."""
        if self.interface:
            return not self.interface.get("inputs")
        return bool(self.task) and not self.inputs and not self.addresses


@dataclass
class Record:
    """A run of a lesson's entry point.

    Attributes:
        status: running, succeeded, failed or interrupted; of an execution on a cluster also aborted.
        seconds: wall time; of a run that was killed and resumed, without the time before that.
        continued: when, and by which command, it was resumed after it had ended.
        ended: when, as ISO 8601 in UTC.
        sources: where each output comes from.
        format: which of this class's versions wrote the record.
        kind: RUN, TEST or EXECUTION; empty in an older record.
        execution: on a cluster, the name of the execution, and
        console: where Flyte's console shows it.
        graph: the nodes of the compiled graph, with those that dynamic workflows have drawn.
    """

    lesson: str
    title: str
    entry_point: str
    run: str
    command: str
    inputs: dict[str, Any]
    started: str
    provenance: dict[str, Any]
    status: str = "running"
    seconds: float | None = None
    outputs: dict[str, Any] = field(default_factory=dict)
    tasks: list[TaskRun] = field(default_factory=list)
    error: str | None = None
    continued: list[str] = field(default_factory=list)
    ended: str = ""
    sources: dict[str, list[Source]] = field(default_factory=dict)
    format: int = FORMAT
    kind: str = ""
    execution: str = ""
    console: str = ""
    graph: list[NodeFact] = field(default_factory=list)

    @property
    def data_with_code(self) -> dict[str, str]:
        """The files of data that lie with the code, by path, and the hash of each."""
        hashes = {
            name.removesuffix(" sha256"): value for name, value in self.provenance.items() if name.endswith(" sha256")
        }
        return {name: value for name, value in hashes.items() if "/" in name}  # the others are wholes, and locks

    @property
    def served(self) -> str:
        """What the cache did for the run, in words; empty if nothing."""
        cached = [task for task in self.tasks if task.status == "cached"]
        if not cached:
            return ""
        # A cluster does not say how long the results took.
        saved = [task.computed_seconds - (task.seconds or 0) for task in cached if task.computed_seconds is not None]
        time = f": {sum(saved):.2f} s saved" if saved else ""
        every = len(self.tasks)
        if any(task.status not in ("succeeded", "cached") for task in self.tasks):  # and others may not have begun
            return f"{len(cached)} {'task' if len(cached) == 1 else 'tasks'} cached{time}"
        return f"{every - len(cached)} of {every} tasks computed, the others cached{time}"


def short_name(task: str) -> str:
    """A task's name without its module; of a map task the name of the task that it maps."""
    name = task.rpartition(".")[2]
    mapped = re.fullmatch(r"map_(.+)_[0-9a-f]{32}-arraynode", name)
    return mapped[1] if mapped else name


def lock_fact(lock: str) -> str:
    """Under which name a provenance holds the hash of a lock; the lesson's own is simply its lock."""
    return "lock sha256" if lock == "requirements.txt" else f"{lock} sha256"


def in_words(value: Any) -> str:
    """A value as text; an empty text as two quotes, which can be seen."""
    return str(value) or "''"


def new_run(started: datetime) -> str:
    """A name for a run that sorts by time and is unique when two start in the same second."""
    return f"{started:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"


def now() -> datetime:
    return datetime.now(UTC)


def timestamp() -> str:
    """The time as ISO 8601 in UTC, to the millisecond."""
    return now().isoformat(timespec="milliseconds")


def jsonable(value: Any) -> Any:
    """A value as JSON can hold it, which every reader takes: NaN, bytes and what else it has not as text."""
    match value:
        case str():
            return encodable(value)
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case dict():
            return {encodable(str(jsonable(key))): jsonable(item) for key, item in value.items()}
        case list() | tuple():
            return [jsonable(item) for item in value]
        case _:
            return encodable(bounded(described(value), WHOLE))


def save(record: Record, folder: Path) -> None:
    """Writes record.json into the run's folder."""
    write_atomically(folder / "record.json", json.dumps(jsonable(asdict(record)), indent=2, allow_nan=False) + "\n")


def load(folder: Path) -> Record:
    """Reads record.json from a run's folder; what is not of this version of the record is left out.

    Raises:
        Damaged: the file holds something else.
        FileNotFoundError: there is no such file.
    """
    file = folder / "record.json"
    try:
        record = of_facts(Record, {"format": 1} | jsonable(json.loads(file.read_text(encoding="utf-8"))))
        for moment in (record.started, record.ended, *(task.started for task in record.tasks)):
            datetime.fromisoformat(moment or record.started)
        return record
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Damaged(f"{file} cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        what = f"not JSON: {error}" if isinstance(error, json.JSONDecodeError) else "not a record of a run"
        raise Damaged(f"{file} is damaged ({what})") from None
