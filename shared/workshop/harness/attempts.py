"""One task with its attempts: what is retried, what is not, and the hand-over of checkpoints."""

import itertools
import json
import textwrap
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from flyteidl.core.errors_pb2 import ContainerError, ErrorDocument
from flyteidl.core.execution_pb2 import ExecutionError
from flyteidl.core.literals_pb2 import LiteralMap
from flyteidl.core.tasks_pb2 import Resources, TaskTemplate
from workshop.harness import spark
from workshop.harness.launchers import ABORTED, MEMORY, TIMEOUT, Exit, Launcher, memory_limit
from workshop.harness.raw import BadOutput, is_raw, read_outputs, words, write_inputs
from workshop.observe import bad_input
from workshop.record import short_name, write_atomically

SUCCEEDED, RECOVERABLE, NON_RECOVERABLE, SYSTEM = "succeeded", "recoverable", "non-recoverable", "system failure"
CUT_OFF = "cut off"
# Flyte's default: what is not the task's own failure is tried again so often, whatever its retries.
SYSTEM_RETRIES = 3
SIGKILLED = (-9, 137)
# docker run: the image is not there, or the command in it is not.
NOT_STARTED = (125, 126, 127)


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
        image: the image of the task, also when it ran as a process of this environment.
        error: the last line of the error.
        deck: the path of the deck, if the task made one.
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


class TaskFailed(Exception):
    """A task failed for good; the message names task, node and attempt, and the error's last line."""


class TaskAborted(TaskFailed):
    """A task was ended, or not started, because another one failed."""


class OtherInputs(Exception):
    """The folder holds a run with other inputs, which is not this one's to go on with."""


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
    aborted: Callable[[], bool],
    report: Callable[[Attempt], None],
) -> Path:
    """Runs a task until it succeeds, and returns the folder of the attempt that did.

    Goes on after the attempts that an earlier walk made. One that was cut off, because the harness was
    killed, costs no retry. Those before the call's first attempt are of a walk that failed (`give_up`).

    Raises:
        TaskFailed: an error was not recoverable, or the retries are used up.
        TaskAborted: `aborted` said so.
        OtherInputs: the folder holds attempts with other inputs.
    """
    keep_inputs(call.folder / "inputs.pb", inputs)
    first = first_attempt(call.folder)
    failures = {RECOVERABLE: 0, SYSTEM: 0}
    for number in itertools.count():
        folder = call.folder / f"attempt-{number}"
        file = folder / "attempt.json"
        if file.exists():
            attempt = read_attempt(file)
        else:
            if folder.exists():
                launcher.end_leftover(folder)
                attempt = Attempt(call.node, call.name, number, CUT_OFF, image=call.task.container.image)
            else:
                attempt = one_attempt(call, number, folder, launcher, aborted)
            write_atomically(file, json.dumps(asdict(attempt)))
            report(attempt)
        if number < first:
            continue
        if attempt.outcome == SUCCEEDED:
            return folder
        if attempt.outcome in failures:
            failures[attempt.outcome] += 1
        if (
            attempt.outcome == NON_RECOVERABLE
            or failures[RECOVERABLE] > call.retries
            or failures[SYSTEM] > SYSTEM_RETRIES
        ):
            raise TaskFailed(
                f"task {call.name} (node {call.node}) failed in attempt {number + 1}, retries={call.retries}: "
                f"{attempt.error} (log: {folder / 'log.txt'})"
            )
    raise AssertionError("unreachable: the loop above has no end")


def keep_inputs(file: Path, inputs: LiteralMap) -> None:
    """Writes the inputs of a task; refuses to mix them with those of another run."""
    if file.exists() and LiteralMap.FromString(file.read_bytes()) != inputs:
        raise OtherInputs(f"{file.parent} is from a run with other inputs; start this one in another folder")
    write_message(file, inputs)


def read_attempt(file: Path) -> Attempt:
    """An attempt from its attempt.json."""
    return Attempt(**json.loads(file.read_text()))


def first_attempt(node: Path) -> int:
    """The number of the attempt with which the node's count of retries begins; above 0 once it was recovered."""
    file = node / "first-attempt"
    return int(file.read_text()) if file.exists() else 0


def one_attempt(call: Call, number: int, folder: Path, launcher: Launcher, aborted: Callable[[], bool]) -> Attempt:
    """Runs a task once, and reads the outcome from what it wrote."""
    container = call.task.container
    with launcher.slots:
        if aborted():
            raise TaskAborted(f"task {call.name} (node {call.node}) was not started")
        folder.mkdir(parents=True)
        write_message(folder / "task.pb", call.task)
        start = time.perf_counter()
        if raw := is_raw(call.task):
            inputs = LiteralMap.FromString((call.folder / "inputs.pb").read_bytes())
            write_inputs(inputs, folder)
            command = words(container, inputs)
        else:
            command = command_of(call, number, folder)
        # On a cluster, too, a task of a recovered execution begins with attempt 0.
        environment = environment_of(call, number - first_attempt(call.folder))
        ended = launcher.run(container, command, environment, folder, call.seconds, aborted)
        if raw and ended == Exit(0):
            keep_raw_outputs(call, folder)
    outcome, error = read_outcome(call, folder, ended)
    deck, usage = folder / "deck.html", folder / "usage.json"
    used = json.loads(usage.read_text()) if usage.exists() else {}
    return Attempt(
        node=call.node,
        task=call.name,
        number=number,
        outcome=outcome,
        seconds=time.perf_counter() - start,
        requests=quantities(container.resources.requests),
        limits=quantities(container.resources.limits),
        peak_mb=used.get("peak_mb"),
        cpu_seconds=used.get("cpu_seconds"),
        image=container.image,
        error=error,
        deck=str(deck) if deck.exists() else "",
    )


def keep_raw_outputs(call: Call, folder: Path) -> None:
    """Writes what the container of a task without Python wrote as Flyte's entry point would: outputs or an error."""
    try:
        write_message(folder / "outputs.pb", read_outputs(call.task.interface.outputs, folder))
    except BadOutput as error:
        document = ErrorDocument(error=ContainerError(message=str(error), kind=ContainerError.NON_RECOVERABLE))
        write_message(folder / "error.pb", document)


def quantities(entries: Iterable[Resources.ResourceEntry]) -> dict[str, str]:
    """Requests or limits by the name of the resource."""
    return {Resources.ResourceName.Name(entry.name).lower(): entry.value for entry in entries}


def command_of(call: Call, number: int, folder: Path) -> list[str]:
    """A task's command line with its placeholders filled."""
    placeholders = {
        "{{.input}}": str(call.folder / "inputs.pb"),
        "{{.outputPrefix}}": str(folder),
        "{{.rawOutputDataPrefix}}": str(folder / "data"),
        "{{.checkpointOutputPrefix}}": str(folder / "checkpoint"),
        "{{.prevCheckpointPrefix}}": previous_checkpoint(folder, number),
        "{{.taskTemplatePath}}": str(folder / "task.pb"),
    }
    container = call.task.container
    words = [placeholders.get(word, word) for word in (*container.command, *container.args)]
    return spark.submission(call.task, words) if spark.is_spark(call.task) else words


def previous_checkpoint(folder: Path, number: int) -> str:
    """The folder with the checkpoint that an attempt is handed; flytekit reads a pair of quotes as none.

    It is that of the attempt before, as on a cluster, also when that one died before it wrote any. An attempt
    that ended with the harness has no counterpart on a cluster: if it wrote none, the one before it counts.
    """
    for earlier in reversed(range(number)):
        before = folder.with_name(f"attempt-{earlier}")
        checkpoint = before / "checkpoint"
        if checkpoint.exists() or read_attempt(before / "attempt.json").outcome not in (CUT_OFF, ABORTED):
            return str(checkpoint)
    return '""'


def environment_of(call: Call, number: int) -> dict[str, str]:
    """A task's environment variables: its own, and those that tell it where in an execution it is."""
    task = call.task.id
    return {item.key: item.value for item in call.task.container.env} | {
        "FLYTE_INTERNAL_EXECUTION_ID": "local",
        "FLYTE_INTERNAL_EXECUTION_PROJECT": task.project,
        "FLYTE_INTERNAL_EXECUTION_DOMAIN": task.domain,
        "FLYTE_INTERNAL_TASK_NAME": task.name,
        "FLYTE_INTERNAL_TASK_VERSION": task.version,
        "FLYTE_ATTEMPT_NUMBER": str(number),
        **(spark.ENVIRONMENT if spark.is_spark(call.task) else {}),
        **call.environment,
    }


def read_outcome(call: Call, folder: Path, ended: Exit) -> tuple[str, str]:
    """The outcome of an attempt, and its error as one line.

    Flyte's entry point exits with 0 even when the task raised, and writes error.pb, outputs.pb or, for a
    dynamic workflow, futures.pb. An attempt that wrote none of them died.
    """
    if ended.reason == ABORTED:
        return ABORTED, ""
    if ended.reason == TIMEOUT:
        return RECOVERABLE, f"it took longer than its timeout of {call.seconds:g} s"
    if ended.reason == MEMORY:
        # As on a cluster, where a retry counts against the task's own, and most often ends in the same way.
        limit = memory_limit(call.task.container)
        return RECOVERABLE, (
            f"it exceeded its memory limit of {limit}; raise it in @task(resources=…), or where the task is called "
            "by with_overrides(resources=…)"
        )
    if (folder / "error.pb").exists():
        return read_error(folder / "error.pb")
    if ended.status == 0 and ((folder / "outputs.pb").exists() or (folder / "futures.pb").exists()):
        return SUCCEEDED, ""
    lines = (folder / "log.txt").read_text(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "its log is empty")
    died = f"it ended with exit status {ended.status} and no result: {last}"
    if ended.status in NOT_STARTED:
        return NON_RECOVERABLE, died
    return (SYSTEM if ended.status in SIGKILLED else RECOVERABLE), died


def read_error(file: Path) -> tuple[str, str]:
    """The outcome that an error.pb tells, and the line of it that says what is wrong."""
    error = ErrorDocument.FromString(file.read_bytes()).error
    # flytekit's message is a traceback and, after this word, the error's own words, indented.
    own_words = textwrap.dedent(error.message.rpartition("Message:\n")[2]).strip()
    lines = own_words.splitlines() or [error.code]
    message = bad_input(own_words) or lines[-1].strip()
    if error.kind != ContainerError.RECOVERABLE:
        return NON_RECOVERABLE, message
    return (SYSTEM if error.origin == ExecutionError.SYSTEM else RECOVERABLE), message


def write_message(file: Path, message) -> None:
    """Writes a protobuf message that any user may read, a container's too; never a part of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_bytes(message.SerializeToString())
    partial.chmod(0o644)
    partial.replace(file)
