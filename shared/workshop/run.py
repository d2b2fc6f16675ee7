"""Runs a lesson on this machine with Flyte's local executor, and keeps a record of the run.

    python -m workshop PROJECT_FOLDER OUT_FOLDER [--input value …]

The inputs are parsed by the options of `pyflyte run`, so that they are converted, and refused, as
Flyte does it. Exit status: 0, 1 when a task failed, 2 for a bad input, 130 when interrupted.
"""

import gc
import shlex
import signal
import sys
from pathlib import Path
from typing import Any

import rich_click as click
from flytekit import FlyteContextManager
from flytekit.clis.sdk_in_container.run import RunLevelParams, YamlFileReadingCommand, to_click_option
from flytekit.core import local_cache
from flytekit.core.workflow import PythonFunctionWorkflow
from workshop.lesson import Lesson, by_name
from workshop.observe import observed
from workshop.record import TaskRun
from workshop.runs import Run, plain


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
    print(f"  {task.name:<30} {task.status:<9} {task.seconds:7.2f} s", flush=True)


def execute(run: Run, entity: PythonFunctionWorkflow, inputs: dict[str, Any]) -> int:
    """Runs the workflow by Flyte's local executor; returns the exit status."""
    try:
        with run.recorded(), observed(run.folder, run.record.tasks, show):
            run.record.outputs = plain(by_name(entity, entity(**inputs)))
    except KeyboardInterrupt:
        return 130
    except ValueError:
        # How Python, and scikit-learn, say that the value of an argument is bad.
        return 2
    except Exception:
        return 1
    return 0


def main(project: str, out: str, *arguments: str) -> None:
    lesson = Lesson.read(Path(project))
    sys.path[0] = project  # instead of the working folder, which stays the user's
    entity = lesson.workflow()

    target = f"make run PROJECT={lesson.name}"
    given_words = f" ARGS={shlex.quote(shlex.join(arguments))}" if arguments else ""
    # flytekit answers Ctrl-C by exiting on the spot, with no word and no record.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def callback(**given: Any) -> None:
        inputs = with_defaults(entity, given)
        print(f"{lesson.name}: {entity.short_name} by Flyte's local executor", flush=True)
        run = Run(lesson, Path(out), target + given_words, inputs)
        # The cache lies with the data that its entries point to, not in the user's home.
        local_cache.CACHE_LOCATION = str(run.folder.parent / ".cache")
        status = execute(run, entity, inputs)
        run.tell()
        # Spares the interpreter half a second at exit, in which it would sweep every imported module.
        gc.freeze()
        sys.exit(status)

    click.rich_click.ERRORS_SUGGESTION = f"For the inputs: {target} ARGS=--help"
    command_for(entity, callback).main(list(arguments), target, default_map=lesson.inputs)
