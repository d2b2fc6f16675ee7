"""`make recover`: finishes a run that failed, or that was cut off.

Without a name it is the newest run that failed or was cut off. Successful tasks are not run again, the others are, with
a fresh count of retries: as a cluster recovers an execution.
"""

from pathlib import Path
from typing import Any

from flytekit.core.workflow import WorkflowBase

from runner.errors import Stop
from runner.harness.attempts import give_up
from runner.lesson import Lesson, workflow
from runner.local.run import execute
from runner.records.provenance import provenance, same_code
from runner.records.record import Record
from runner.records.run_folder import Run, runs_of


def chosen(lesson: Lesson, out: Path, name: str) -> tuple[Path, Record]:
    """The run to recover; raises Stop."""
    runs = list(runs_of(lesson, out))
    again = f"make run PROJECT={lesson.name}"
    if not name:
        unfinished = [run for run in runs if run[1].status != "succeeded"]
        if not unfinished:
            raise Stop(f"no run of {lesson.name} has failed; start one: {again}")
        return unfinished[0]
    for folder, record in runs:
        if record.run == name and record.status == "succeeded":
            raise Stop(f"run {name} has succeeded, there is nothing to recover; start another run: {again}")
        if record.run == name:
            return folder, record
    known = ", ".join(record.run for _, record in runs if record.status != "succeeded") or "none"
    raise Stop(f"there is no run {name!r} of {lesson.name}; the runs to recover are: {known}")


def opened(lesson: Lesson, out: Path, name: str, command: str) -> tuple[Run, WorkflowBase]:
    """The run to recover, made ready for it, and its workflow; raises Stop, or InUse while it still runs."""
    folder, record = chosen(lesson, out, name)
    if not same_code(record.provenance, provenance(lesson)):
        # A cluster recovers an execution in the version that it was started in.
        raise Stop(f"code or packages have changed since run {record.run}; start anew: {record.command}")
    if not (folder / "nodes" / "inputs.pb").exists():
        raise Stop(f"run {record.run} ended before any task was started; start anew: {record.command}")
    entity = workflow(record.entry_point)
    run = Run.resume(lesson, folder, command)
    give_up(run.nodes)
    return run, entity


def main(lesson: Lesson, out: Path, facts: dict[str, Any], name: str = "") -> int:
    command = f"make recover PROJECT={lesson.name}" + (f" RUN={name}" if name else "")
    run, entity = opened(lesson, out, name, command)
    print(f"{lesson.name}: recovering run {run.record.run} of {entity.short_name}", flush=True)
    status = execute(run, entity, None, facts)
    run.tell("make recover")
    return status
