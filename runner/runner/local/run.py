"""`make run`: a lesson on this machine, by the harness, with a record of the run.

Environment variables of the command: WORKFLOW=name runs another workflow of the lesson, NO_CACHE=1 computes everything,
NEW=1 starts a new run although the last one was interrupted, DEBUG=task_name runs that task with the terminal, so that
breakpoint() works in it.
"""

import os
from pathlib import Path
from typing import Any

from flytekit.core.base_task import Task
from flytekit.core.context_manager import FlyteEntities
from flytekit.core.workflow import WorkflowBase

from runner.errors import Stop
from runner.harness.execution import run_in_processes
from runner.lesson import Lesson, images, to_run, workflow
from runner.local.options import inputs_of, typed
from runner.records.record import RUN, short_name
from runner.records.run_folder import Run, cut_off


def execute(run: Run, entity: WorkflowBase, inputs: dict[str, Any] | None, facts: dict[str, Any]) -> int:
    """Runs the workflow, or with no `inputs` resumes the run; returns the exit status."""
    with_cache, debug = os.environ.get("NO_CACHE") != "1", os.environ.get("DEBUG", "")
    try:
        run_in_processes(run, entity, inputs, images(facts), with_cache, debug)
    except KeyboardInterrupt:
        return 130
    except Stop:
        return 2
    except Exception:
        if run.record.status == "running":
            raise  # nothing that the record could report
        return 1
    return 0


def check_debug() -> None:
    """Raises Stop if DEBUG names no task."""
    tasks = sorted({short_name(entity.name) for entity in FlyteEntities.entities if isinstance(entity, Task)})
    if (name := os.environ.get("DEBUG", "")) and name not in tasks:
        raise Stop(f"DEBUG must be the name of a task, not {name!r}; the tasks are: {', '.join(tasks)}")


def main(lesson: Lesson, out: Path, facts: dict[str, Any], *arguments: str) -> int:
    lesson, target = to_run(lesson)
    entity = workflow(lesson.entry_point)
    command = typed(target, arguments)
    check_debug()
    inputs, earlier = inputs_of(entity, lesson, arguments, target), None
    print(f"{lesson.name}: {entity.short_name}", flush=True)
    if os.environ.get("NEW") != "1":
        earlier = cut_off(lesson, out, command, inputs)
    if earlier:
        print(f"resuming run {earlier.record.run}, which was interrupted (NEW=1 starts a new run)", flush=True)
    run = earlier or Run.start(lesson, lesson.entry_point, out, command, inputs, RUN)
    status = execute(run, entity, None if earlier else inputs, facts)
    run.tell()
    return status
