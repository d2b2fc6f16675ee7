"""One task with its attempts: which are made, and when it has failed for good."""

import itertools
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from flyteidl.core.literals_pb2 import LiteralMap

from runner.harness.calls import (
    CUT_OFF,
    NON_RECOVERABLE,
    RECOVERABLE,
    SUCCEEDED,
    Attempt,
    Call,
    literals_in,
    models,
    read_attempt,
    write_message,
)
from runner.harness.commands import command_of, environment_of
from runner.harness.launchers import Exit, Launcher
from runner.harness.outcomes import keep_raw_outputs, read_outcome
from runner.harness.quantities import quantities
from runner.harness.raw import is_raw, words, write_inputs
from runner.records.attempts import SYSTEM, attempts_made
from runner.records.literals import data_of
from runner.records.offline import keep_offline
from runner.records.record import timestamp, write_atomically

# Flyte's default: what is not the task's own failure is tried again so often, whatever its retries.
SYSTEM_RETRIES = 3


class TaskFailed(Exception):
    """A task failed for good; the message names task, node and attempt, and the error's last line."""


class TaskAborted(TaskFailed):
    """A task was ended, or not started, because another one failed."""


class OtherInputs(Exception):
    """The folder holds a run with other inputs, which is not this one's to go on with."""


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
                image, _ = launcher.image(call.task.container.image)
                attempt = Attempt(call.node, call.name, number, CUT_OFF, image=image)
            else:
                attempt = one_attempt(call, number, folder, launcher, aborted)
            write_atomically(file, json.dumps(asdict(attempt)))
            report(attempt)
        if number < first:
            continue
        if attempt.outcome == SUCCEEDED:
            return folder
        before = dict(failures)
        if attempt.outcome in failures:
            failures[attempt.outcome] += 1
        if (
            attempt.outcome == NON_RECOVERABLE
            or failures[RECOVERABLE] > call.retries
            or failures[SYSTEM] > SYSTEM_RETRIES
        ):
            raise TaskFailed(
                f"task {call.name} (node {call.node}) failed in "
                f"{attempts_made(number + 1, call.retries, before[SYSTEM])}: {attempt.error} "
                f"(log: {folder / 'log.txt'})"
            )
    raise AssertionError("unreachable: the loop above has no end")


def keep_inputs(file: Path, inputs: LiteralMap) -> None:
    """Writes the inputs of a task; refuses to mix them with those of another run."""
    if file.exists() and LiteralMap.FromString(file.read_bytes()) != inputs:
        raise OtherInputs(f"{file.parent} is from a run with other inputs; start this one in another folder")
    write_message(file, inputs)


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
        inputs = LiteralMap.FromString((call.folder / "inputs.pb").read_bytes())
        read, started = data_of(models(call.own(inputs)), call.run), timestamp()
        start = time.perf_counter()
        if raw := is_raw(call.task):
            write_inputs(inputs, folder)
            command = words(container, inputs)
        else:
            command = command_of(call, number, folder)
        # On a cluster, too, a task of a recovered execution begins with attempt 0.
        environment = environment_of(call, number - first_attempt(call.folder))
        ended = launcher.run(container, command, environment, folder, call.seconds, aborted)
        if raw and ended == Exit(0):
            keep_raw_outputs(call, folder)
        seconds = time.perf_counter() - start
    outcome, error = read_outcome(call, folder, ended)
    deck, usage = folder / "deck.html", folder / "usage.json"
    if deck.exists():
        keep_offline(deck)
    used = json.loads(usage.read_text()) if usage.exists() else {}
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
        written=data_of(literals_in(folder / "outputs.pb"), call.run) if outcome == SUCCEEDED else {},
        error=error,
        deck=str(deck) if deck.exists() else "",
    )
