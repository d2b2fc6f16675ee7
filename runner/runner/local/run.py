"""`make run`: a lesson on this machine, by Flyte's local executor or by the harness, with a record of the run.

A run by the harness that was killed or interrupted is resumed, unless NEW=1 is set in the environment.
"""

import gc
import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flytekit.core.workflow import PythonFunctionWorkflow

from runner.lesson import Image, Lesson, by_name, images, workflow
from runner.local import cache
from runner.local.observe import observed
from runner.local.options import inputs_of
from runner.records.locks import own_lock
from runner.records.record import RUN, TaskRun
from runner.records.run_folder import Run, cut_off, plain


def show(task: TaskRun) -> None:
    computed = f"   computed in {task.computed_seconds:.2f} s" if task.computed_seconds is not None else ""
    print(f"  {task.name:<30} {task.status:<9} {task.seconds:7.2f} s{computed}", flush=True)


def by_executor(run: Run, entity: PythonFunctionWorkflow, inputs: dict[str, Any]) -> None:
    """Runs the workflow by Flyte's local executor."""
    # The cache lies with the data that its entries point to, not in the user's home.
    cache.use(run.folder.parent / ".cache")
    if os.environ.get("NO_CACHE") == "1":
        os.environ["FLYTE_LOCAL_CACHE_ENABLED"] = "false"
    lock = own_lock(run.lesson.folder)

    def report(task: TaskRun) -> None:
        task.lock = lock
        show(task)

    with run.recorded(), observed(run.folder, run.record.tasks, report) as trace:
        run.record.outputs = plain(by_name(entity, entity(**inputs)))
        run.record.sources = trace.outputs


def by_harness(
    run: Run, entity: PythonFunctionWorkflow, inputs: dict[str, Any] | None, images: dict[str, Image]
) -> None:
    """Runs the workflow by the harness, every task as a process; with no `inputs`, resumes the run."""
    from runner.harness.execution import run_in_processes

    run_in_processes(run, entity, inputs, images)


def status_of(execute: Callable[[], None]) -> int:
    """Executes; returns the exit status."""
    try:
        execute()
    except KeyboardInterrupt:
        return 130
    except Exception:
        return 1
    return 0


def main(lesson: Lesson, out: Path, facts: dict[str, Any], *arguments: str) -> int:
    entity = workflow(lesson.entry_point)
    target = f"make run PROJECT={lesson.name}"
    command = target + (f" ARGS={shlex.quote(shlex.join(arguments))}" if arguments else "")
    inputs, earlier = inputs_of(entity, lesson, arguments, target), None
    executor = "the harness, each task by Flyte's task entry point" if lesson.harness else "Flyte's local executor"
    print(f"{lesson.name}: {entity.short_name} by {executor}", flush=True)
    if lesson.harness and os.environ.get("NEW") != "1":
        earlier = cut_off(lesson, out, command, inputs)
    if earlier:
        print(f"resuming run {earlier.record.run}, which was interrupted (NEW=1 starts a new run)", flush=True)
    run = earlier or Run.start(lesson, lesson.entry_point, out, command, inputs, RUN)
    if lesson.harness:
        status = status_of(lambda: by_harness(run, entity, None if earlier else inputs, images(facts)))
    else:
        status = status_of(lambda: by_executor(run, entity, inputs))
    run.tell()
    # Spares the interpreter half a second at exit, in which it would sweep every imported module.
    gc.freeze()
    return status
