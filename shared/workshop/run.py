"""Runs a lesson on this machine, by Flyte's local executor or by the harness, and keeps a record of the run.

    python -m workshop PROJECT_FOLDER OUT_FOLDER IMAGES [--input value …]

IMAGES is JSON, the lesson's images by name, which the harness needs: {"default": {"reference": …, "python": …}}.
The inputs are parsed by the options of `pyflyte run`, so that they are converted, and refused, as
Flyte does it. A run by the harness that was killed or interrupted is resumed, unless NEW is set in the
environment. Exit status: 0, 1 when a task failed, 2 for an input that cannot be read, 130 when interrupted.
"""

import gc
import os
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rich_click as click
from flytekit import FlyteContextManager
from flytekit.clis.sdk_in_container.run import RunLevelParams, YamlFileReadingCommand, to_click_option
from flytekit.core.workflow import PythonFunctionWorkflow
from workshop import cache
from workshop.lesson import Image, Lesson, by_name, workflow
from workshop.lesson import images as read_images
from workshop.locks import own_lock
from workshop.observe import observed
from workshop.record import TaskRun
from workshop.runs import Run, cut_off, plain


def command_for(entity: PythonFunctionWorkflow, callback: Any) -> click.Command:
    """A command line with one option per input of the workflow, as `pyflyte run` makes them."""
    local = click.Context(click.Command("run"), obj=RunLevelParams())
    options = [
        to_click_option(
            local,
            FlyteContextManager.current_context(),
            name,
            entity.interface.inputs[name],
            python_type,
            default,
            required=default is None,
        )
        for name, (python_type, default) in entity.python_interface.inputs_with_defaults.items()
    ]
    command = YamlFileReadingCommand(name="run", params=options, help=entity.__doc__, callback=callback)
    command.options_metavar = "ARGS='OPTIONS'"
    return command


def with_defaults(entity: PythonFunctionWorkflow, given: dict[str, Any]) -> dict[str, Any]:
    """The inputs of a workflow, of which Flyte's options leave out those that equal their default."""
    defaults = {name: default for name, (_, default) in entity.python_interface.inputs_with_defaults.items()}
    return {name: default if given.get(name) is None else given[name] for name, default in defaults.items()}


def show(task: TaskRun) -> None:
    computed = f"   computed in {task.computed_seconds:.2f} s" if task.computed_seconds is not None else ""
    print(f"  {task.name:<30} {task.status:<9} {task.seconds:7.2f} s{computed}", flush=True)


def by_executor(run: Run, entity: PythonFunctionWorkflow, inputs: dict[str, Any]) -> None:
    """Runs the workflow by Flyte's local executor."""
    # The cache lies with the data that its entries point to, not in the user's home.
    cache.use(run.folder.parent / ".cache")
    if os.environ.get("NO_CACHE"):
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
    from workshop.harness.execution import run_in_processes

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


def main(project: str, out: str, images: str, *arguments: str) -> None:
    lesson = Lesson.read(Path(project))
    sys.path[0] = project  # instead of the working folder, which stays the user's
    entity = workflow(lesson.entry_point)

    target = f"make run PROJECT={lesson.name}"
    given_words = f" ARGS={shlex.quote(shlex.join(arguments))}" if arguments else ""
    # flytekit answers Ctrl-C by exiting on the spot, with no word and no record.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def callback(**given: Any) -> None:
        inputs = with_defaults(entity, given)
        executor = "the harness, each task by Flyte's task entry point" if lesson.harness else "Flyte's local executor"
        print(f"{lesson.name}: {entity.short_name} by {executor}", flush=True)
        command, earlier = target + given_words, None
        if lesson.harness and not os.environ.get("NEW"):
            earlier = cut_off(lesson, Path(out), command, inputs)
        if earlier:
            print(f"resuming run {earlier.record.run}, which was interrupted (NEW=1 starts a new run)", flush=True)
        run = earlier or Run.start(lesson, lesson.entry_point, Path(out), command, inputs)
        if lesson.harness:
            status = status_of(lambda: by_harness(run, entity, None if earlier else inputs, read_images(images)))
        else:
            status = status_of(lambda: by_executor(run, entity, inputs))
        run.tell()
        # Spares the interpreter half a second at exit, in which it would sweep every imported module.
        gc.freeze()
        sys.exit(status)

    click.rich_click.ERRORS_SUGGESTION = f"For the inputs: {target} ARGS=--help"
    command_for(entity, callback).main(list(arguments), target, default_map=lesson.inputs)
