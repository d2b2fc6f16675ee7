"""How an attempt ended: what it wrote, or else how its process or container ended."""

from pathlib import Path

from flyteidl.core.dynamic_job_pb2 import DynamicJobSpec
from flyteidl.core.errors_pb2 import ContainerError, ErrorDocument
from flyteidl.core.execution_pb2 import ExecutionError
from flyteidl.core.literals_pb2 import LiteralMap

from runner.harness.calls import NON_RECOVERABLE, RECOVERABLE, SUCCEEDED, Call, read_message, write_message
from runner.harness.launchers import ABORTED, MEMORY, TIMEOUT, Exit
from runner.harness.quantities import memory_limit
from runner.harness.raw import BadOutput, read_outputs
from runner.records.attempts import SYSTEM
from runner.records.errors import how_it_ended, out_of_memory, out_of_time, words_in
from runner.records.text import WHOLE, bounded, encodable

SIGKILLED = (-9, 137)
# docker run: the image is not there, or the command in it is not.
NOT_STARTED = (125, 126, 127)


def read_outcome(call: Call, folder: Path, ended: Exit) -> tuple[str, str]:
    """The outcome of an attempt, and its error.

    Flyte's entry point exits with 0 even when the task raised, and writes error.pb, outputs.pb or, for a
    dynamic workflow, futures.pb. An attempt that wrote none of them died.
    """
    if ended.reason == ABORTED:
        return ABORTED, ""
    if ended.reason == TIMEOUT:
        return RECOVERABLE, out_of_time(f"{call.seconds:g} s")
    if ended.reason == MEMORY:
        # As on a cluster, where a retry counts against the task's own, and most often ends in the same way.
        return RECOVERABLE, out_of_memory(memory_limit(call.task.container))
    if (folder / "error.pb").exists():
        return read_error(folder / "error.pb")
    if ended.status == 0 and has_result(call, folder):
        return SUCCEEDED, ""
    died = how_it_ended(ended.status, (folder / "log.txt").read_text(errors="replace"))
    if ended.status in NOT_STARTED:
        return NON_RECOVERABLE, died
    return (SYSTEM if ended.status in SIGKILLED else RECOVERABLE), died


def has_result(call: Call, folder: Path) -> bool:
    """Whether an attempt wrote all of its outputs, or a dynamic workflow's graph, and they can be read."""
    if (folder / "futures.pb").exists():
        return read_message(DynamicJobSpec, folder / "futures.pb") is not None
    outputs = read_message(LiteralMap, folder / "outputs.pb")
    return outputs is not None and set(call.task.interface.outputs.variables) <= set(outputs.literals)


def read_error(file: Path) -> tuple[str, str]:
    """The outcome that an error.pb names, and what is wrong in the error's own words."""
    error = (read_message(ErrorDocument, file) or ErrorDocument()).error
    if not (error.message or error.code):  # an empty file is one without words
        return NON_RECOVERABLE, f"its error is not written whole, as when the disk is full; free some space: {file}"
    words = bounded(encodable(words_in(error.message, error.code)), WHOLE, str(file))
    if error.kind != ContainerError.RECOVERABLE:
        return NON_RECOVERABLE, words
    return (SYSTEM if error.origin == ExecutionError.SYSTEM else RECOVERABLE), words


def details(folder: Path) -> str:
    """All that an attempt's error says, with the traceback; empty if it wrote none."""
    document = read_message(ErrorDocument, folder / "error.pb")
    return document.error.message if document else ""


def keep_raw_outputs(call: Call, folder: Path) -> None:
    """Writes what the container of a task without Python wrote as Flyte's entry point would: outputs or an error."""
    try:
        write_message(folder / "outputs.pb", read_outputs(call.task.interface.outputs, folder))
    except BadOutput as error:
        document = ErrorDocument(error=ContainerError(message=str(error), kind=ContainerError.NON_RECOVERABLE))
        write_message(folder / "error.pb", document)
