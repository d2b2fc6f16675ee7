"""One task with its attempts: what is retried, what is not, and the hand-over of checkpoints."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from flyteidl.core.errors_pb2 import ContainerError, ErrorDocument
from flyteidl.core.literals_pb2 import LiteralMap
from flyteidl.core.tasks_pb2 import TaskTemplate
from workshop.harness.launchers import Exit, Launcher
from workshop.record import short_name, write_atomically

SUCCEEDED, RECOVERABLE, FATAL, CANCELLED = "succeeded", "recoverable", "fatal", "cancelled"


@dataclass(frozen=True)
class Attempt:
    """One attempt of a task.

    Attributes:
        node: the node in the graph, `n0` or, inside a sub-workflow, `n0/n1`.
        task: the task's name without its module.
        number: 0 for the first attempt.
        outcome: succeeded, recoverable (is tried again while retries last), fatal or cancelled.
        seconds: wall time, the start of the interpreter or container included.
        image: what it ran in; empty for a process of this environment.
        error: the last line of the error.
        deck: the path of the deck, if the task made one.
    """

    node: str
    task: str
    number: int
    outcome: str
    seconds: float
    image: str = ""
    error: str = ""
    deck: str = ""


class TaskFailed(Exception):
    """A task failed for good; the message names task, node and attempt, and the error's last line."""


@dataclass(frozen=True)
class Call:
    """A task as a node calls it: with the node's overrides, in the node's folder."""

    node: str
    task: TaskTemplate
    folder: Path
    retries: int
    seconds: float | None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return short_name(self.task.id.name)


def run_task(
    call: Call,
    inputs: LiteralMap,
    launcher: Launcher,
    cancelled: Callable[[], bool],
    report: Callable[[Attempt], None],
) -> Path:
    """Runs a task until it succeeds, and returns the folder of the attempt that did.

    Goes on after the attempts that an earlier run finished.

    An attempt that was cut off, because this process was killed, costs no retry: on a cluster that is
    the system's failure, not the task's. Its checkpoint is handed on like any other.

    Raises:
        TaskFailed: an error was fatal, or the retries are used up.
    """
    write_message(call.folder / "inputs.pb", inputs)
    failures, checkpoint, last = 0, "", None
    for number, folder in numbered(call.folder):
        file = folder / "attempt.json"
        if folder.exists() and not file.exists():
            launcher.end_leftover(folder)
        else:
            attempt = Attempt(**json.loads(file.read_text())) if file.exists() else None
            if attempt is None:
                attempt = one_attempt(call, number, folder, checkpoint, launcher, cancelled)
                write_atomically(file, json.dumps(asdict(attempt)))
                report(attempt)
            if attempt.outcome == SUCCEEDED:
                return folder
            if attempt.outcome != CANCELLED:
                failures, last = failures + 1, attempt
            if attempt.outcome == FATAL or failures > call.retries:
                break
            if attempt.outcome == CANCELLED and cancelled():
                raise TaskFailed(f"task {call.name} (node {call.node}) was cancelled")
        checkpoint = handed_on(folder) or checkpoint
    raise TaskFailed(
        f"task {call.name} (node {call.node}) failed in attempt {last.number + 1} of at most {call.retries + 1}: "
        f"{last.error} (log: {call.folder / f'attempt-{last.number}' / 'log.txt'})"
    )


def numbered(folder: Path) -> Iterator[tuple[int, Path]]:
    number = 0
    while True:
        yield number, folder / f"attempt-{number}"
        number += 1


def handed_on(folder: Path) -> str:
    """The checkpoint that an attempt left, for the next one; empty if it left none."""
    checkpoint = folder / "checkpoint"
    return str(checkpoint) if checkpoint.is_dir() and any(checkpoint.iterdir()) else ""


def one_attempt(
    call: Call, number: int, folder: Path, checkpoint: str, launcher: Launcher, cancelled: Callable[[], bool]
) -> Attempt:
    """Runs a task once, and reads the outcome from what it wrote."""
    folder.mkdir(parents=True)
    template = folder / "task.pb"
    write_message(template, call.task)
    places = {
        "{{.input}}": str(call.folder / "inputs.pb"),
        "{{.outputPrefix}}": str(folder),
        "{{.rawOutputDataPrefix}}": str(folder / "data"),
        "{{.checkpointOutputPrefix}}": str(folder / "checkpoint"),
        "{{.prevCheckpointPrefix}}": checkpoint or '""',
        "{{.taskTemplatePath}}": str(template),
    }
    container = call.task.container
    command = [places.get(word, word) for word in (*container.command, *container.args)]
    environment = {item.key: item.value for item in container.env} | {
        "FLYTE_INTERNAL_EXECUTION_ID": "local",
        "FLYTE_INTERNAL_EXECUTION_PROJECT": call.task.id.project,
        "FLYTE_INTERNAL_EXECUTION_DOMAIN": call.task.id.domain,
        "FLYTE_INTERNAL_TASK_NAME": call.task.id.name,
        "FLYTE_INTERNAL_TASK_VERSION": call.task.id.version,
        "FLYTE_ATTEMPT_NUMBER": str(number),
        **call.environment,
    }
    start = time.perf_counter()
    ended = launcher.run(container, command, environment, folder, call.seconds, cancelled)
    outcome, error = judged(call, folder, ended)
    deck = folder / "deck.html"
    return Attempt(
        node=call.node,
        task=call.name,
        number=number,
        outcome=outcome,
        seconds=time.perf_counter() - start,
        image=container.image,
        error=error,
        deck=str(deck) if deck.exists() else "",
    )


def judged(call: Call, folder: Path, ended: Exit) -> tuple[str, str]:
    """The outcome of an attempt, and its error as one line.

    Flyte's entry point exits with 0 whatever happens and writes error.pb, outputs.pb or, for a dynamic
    workflow, futures.pb. An attempt that wrote none of them died, which the cluster retries.
    """
    if ended.reason == "cancelled":
        return CANCELLED, ""
    if ended.reason == "timeout":
        return RECOVERABLE, f"it took longer than its timeout of {call.seconds:g} s"
    if ended.reason == "memory":
        limit = next(entry.value for entry in call.task.container.resources.limits if entry.name == entry.MEMORY)
        return RECOVERABLE, f"it exceeded its memory limit of {limit}; raise the limit in @task(resources=…)"
    errors = folder / "error.pb"
    if errors.exists():
        error = ErrorDocument.FromString(errors.read_bytes()).error
        lines = [line.strip() for line in error.message.splitlines() if line.strip()]
        told = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("Message:")), "") or lines[-1]
        return (RECOVERABLE if error.kind == ContainerError.RECOVERABLE else FATAL), told
    if (folder / "outputs.pb").exists() or (folder / "futures.pb").exists():
        return SUCCEEDED, ""
    return RECOVERABLE, f"it ended with exit status {ended.status} and said nothing"


def write_message(file: Path, message) -> None:
    """Writes a protobuf message; a reader never sees a part of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_bytes(message.SerializeToString())
    partial.replace(file)
