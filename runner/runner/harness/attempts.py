"""One task with its attempts: which are made, and when it has failed for good."""

import itertools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from flyteidl.core.literals_pb2 import LiteralMap

from runner.errors import Failure, Stop
from runner.harness.calls import (
    CUT_OFF,
    DONE,
    NON_RECOVERABLE,
    RECOVERABLE,
    SUCCEEDED,
    Attempt,
    Call,
    literals_in,
    models,
    read_attempt,
    read_message,
    succeeded,
    usage_in,
    warnings_in,
    write_message,
)
from runner.harness.commands import command_of, environment_of
from runner.harness.launchers import Exit, Launcher
from runner.harness.outcomes import details, has_result, keep_raw_outputs, read_outcome
from runner.harness.quantities import quantities
from runner.harness.raw import is_raw, words, write_inputs
from runner.records.attempts import SYSTEM, attempts_made
from runner.records.data import Stored
from runner.records.errors import headline, spared
from runner.records.files import write_atomically
from runner.records.literals import data_of
from runner.records.offline import keep_offline
from runner.records.previews import with_previews
from runner.records.record import jsonable, timestamp

# Flyte's default: what is not the task's own failure is tried again so often, whatever its retries.
SYSTEM_RETRIES = 3


class TaskFailed(Failure):
    """A task failed for good; the message names task, node and attempt, and says what is wrong in one line."""


class TaskAborted(TaskFailed):
    """A task was ended, or not started, because another task failed."""


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
        Stop: the folder holds attempts with other inputs.
    """
    if call.handles_failure and (done := succeeded(call.folder)):
        return done  # in the execution that is recovered, after another error, which its inputs hold
    keep_inputs(call.folder / "inputs.pb", inputs, kept=not call.handles_failure)
    first = first_attempt(call.folder)
    failures, allowed = {RECOVERABLE: 0, SYSTEM: 0}, {RECOVERABLE: call.retries, SYSTEM: SYSTEM_RETRIES}
    for number in itertools.count():
        folder = call.folder / f"attempt-{number}"
        attempt = kept_attempt(call, folder)
        if attempt is None:
            if folder.exists():
                launcher.end_leftover(folder)
                image, _ = launcher.image(call.task.container.image)
                attempt = Attempt(call.node, call.name, number, CUT_OFF, image=image)
            else:
                attempt = one_attempt(call, number, folder, launcher, aborted)
            attempt = replace(attempt, system_retries=failures[SYSTEM])
            with spared(f"{attempt.title} of task {call.name} ({call.node})"):
                keep_attempt(folder, attempt)
            report(attempt)
        if number < first:
            continue
        if attempt.outcome in DONE:
            return folder
        if attempt.outcome == NON_RECOVERABLE or failures.get(attempt.outcome) == allowed.get(attempt.outcome, -1):
            raise TaskFailed(
                f"task {call.name} (node {call.node}) failed in "
                f"{attempts_made(number + 1, call.retries, attempt.system_retries)}: "
                f"{headline(attempt.error)} (log: {folder / 'log.txt'})",
                details(folder),
            )
        if attempt.outcome in failures:
            failures[attempt.outcome] += 1


def keep_attempt(folder: Path, attempt: Attempt) -> None:
    """Writes what is known of an attempt into its folder."""
    write_atomically(folder / "attempt.json", json.dumps(jsonable(asdict(attempt)), allow_nan=False))


def kept_attempt(call: Call, folder: Path) -> Attempt | None:
    """An attempt that an earlier walk finished; None if it was cut off, or what it left cannot be read."""
    attempt = read_attempt(folder / "attempt.json")
    return None if attempt and attempt.outcome in DONE and not has_result(call, folder) else attempt


def keep_inputs(file: Path, inputs: LiteralMap, kept: bool = True) -> None:
    """Writes the inputs of a task; if there are some already, they must be `kept`: runs are not mixed."""
    # An empty file, too, is what a loss of power may leave.
    if kept and read_message(LiteralMap, file) not in (None, LiteralMap(), inputs):
        raise Stop(f"{file.parent} is from a run with other inputs; start this one in another folder")
    write_message(file, inputs)


def first_attempt(node: Path) -> int:
    """The number of the attempt with which the node's count of retries begins; above 0 once it was recovered."""
    file = node / "first-attempt"
    text = file.read_text() if file.exists() else ""
    return int(text) if text.isdecimal() else 0


def give_up(nodes: Path) -> None:
    """Gives every task of a run that has not succeeded a fresh count of retries; its attempts stay where they are.

    The last checkpoint of such a task is handed on, as it is when a cluster recovers an execution. A failure
    handler that succeeded is not run again, as there.
    """
    for node in {attempt.parent for attempt in nodes.rglob("attempt-*") if attempt.is_dir()}:
        if not succeeded(node):
            write_atomically(node / "first-attempt", str(len(list(node.glob("attempt-*")))))


def gone_of(read: Mapping[str, list[Stored]], lesson: str) -> str:
    """Says which input's data is gone that another run has stored, whose result was cached; empty if none is."""
    for name, items in read.items():
        for path in (item.path for item in items if item.path.startswith("../") and not item.sha256):
            again = f"make clear-cache PROJECT={lesson}"
            return f"the data of its input {name}, a cached result, is gone: {path}; forget such results: {again}"
    return ""


def one_attempt(call: Call, number: int, folder: Path, launcher: Launcher, aborted: Callable[[], bool]) -> Attempt:
    """Runs a task once, and reads the outcome from what it wrote."""
    container = call.task.container
    with launcher.slots:
        if aborted():
            raise TaskAborted(f"task {call.name} (node {call.node}) was not started")
        folder.mkdir(parents=True)
        write_message(folder / "task.pb", call.task)
        inputs = LiteralMap.FromString((call.folder / "inputs.pb").read_bytes())
        read, written, started = {}, {}, timestamp()
        with spared(f"what task {call.name} ({call.node}) reads"):
            read = data_of(models(call.own(inputs)), call.run)
        if gone := gone_of(read, call.run.parent.name):
            (folder / "log.txt").write_text(f"{gone}\n")
            return Attempt(call.node, call.name, number, NON_RECOVERABLE, started=started, read=read, error=gone)
        start = time.perf_counter()
        if raw := is_raw(call.task):
            write_inputs(inputs, folder)
            command = words(container, inputs)
        else:
            command = command_of(call, number, folder)
        # On a cluster, too, a task of a recovered execution begins with attempt 0.
        environment = environment_of(call, number - first_attempt(call.folder))
        ended = launcher.run(call.task, command, environment, folder, call.seconds, aborted)
        if raw and ended == Exit(0):
            keep_raw_outputs(call, folder)
        seconds = time.perf_counter() - start
    outcome, error = read_outcome(call, folder, ended)
    deck, used = folder / "deck.html", usage_in(folder)
    with spared(f"what task {call.name} ({call.node}) wrote"):
        if deck.exists():
            keep_offline(deck)
        if outcome == SUCCEEDED:
            written = data_of(literals_in(folder / "outputs.pb"), call.run)
    with spared(f"what the outputs of task {call.name} ({call.node}) hold"):
        written = with_previews(written, folder, call.run)
    image, image_id = launcher.image(container.image)
    return Attempt(
        node=call.node,
        task=call.name,
        number=number,
        outcome=outcome,
        seconds=seconds,
        requests=quantities(container.resources.requests),
        limits=quantities(container.resources.limits),
        peak_mb=used.get("peak_mb"),
        cpu_seconds=used.get("cpu_seconds"),
        image=image,
        image_id=image_id,
        started=started,
        read=read,
        written=written,
        error=error,
        deck=str(deck) if deck.exists() else "",
        warnings=warnings_in(folder),
    )
