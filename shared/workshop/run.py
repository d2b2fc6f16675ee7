"""Runs a lesson on this machine with Flyte's local executor, and keeps a record of the run.

    python -m workshop PROJECT_FOLDER OUT_FOLDER [--input value …]

The inputs are parsed by the options of `pyflyte run`, so that they are converted, and refused, as
Flyte does it. Exit status: 0, 1 when a task failed, 2 for a bad input, 130 when interrupted.
"""

import gc
import shlex
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import rich_click as click
from flytekit import FlyteContextManager
from flytekit.clis.sdk_in_container.run import RunLevelParams, YamlFileReadingCommand, to_click_option
from flytekit.core import local_cache
from flytekit.core.workflow import PythonFunctionWorkflow
from workshop import page, record
from workshop.lesson import Lesson, by_name
from workshop.observe import observed, reason
from workshop.record import Record, TaskRun


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


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Values as JSON can hold them: numbers, texts and truth values as they are, others as their repr."""
    simple = (bool, int, float, str, type(None))
    return {name: value if isinstance(value, simple) else repr(value) for name, value in values.items()}


def show(task: TaskRun) -> None:
    print(f"  {task.name:<30} {task.status:<9} {task.seconds:7.2f} s", flush=True)


class LocalRun:
    """One run: its folder, its record, and what happens when it ends."""

    def __init__(self, lesson: Lesson, out: Path, arguments: list[str], inputs: dict[str, Any]):
        started = record.now()
        name = record.new_run(started)
        self.clock = time.perf_counter()
        self.folder = out / lesson.name / name
        self.folder.mkdir(parents=True)
        given = f" ARGS={shlex.quote(shlex.join(arguments))}" if arguments else ""
        self.record = Record(
            lesson=lesson.name,
            title=lesson.title,
            entry_point=lesson.entry_point,
            run=name,
            command=f"make run PROJECT={lesson.name}{given}",
            inputs=plain(inputs),
            started=started.isoformat(timespec="seconds"),
            provenance=record.provenance(lesson.folder),
        )
        record.save(self.record, self.folder)

    def execute(self, entity: PythonFunctionWorkflow, inputs: dict[str, Any]) -> int:
        """Runs the workflow; returns the exit status."""
        try:
            with observed(self.folder, self.record.tasks, show):
                outputs = by_name(entity, entity(**inputs))
        except KeyboardInterrupt:
            self.end("interrupted")
            return 130
        except Exception as error:
            (self.folder / "error.txt").write_text(traceback.format_exc())
            self.end("failed", error=reason(error))
            # A ValueError is how Python, and scikit-learn, say that the value of an argument is bad.
            return 2 if isinstance(error, ValueError) else 1
        self.record.outputs = plain(outputs)
        self.end("succeeded")
        return 0

    def end(self, status: str, error: str | None = None) -> None:
        self.record.status, self.record.error = status, error
        self.record.seconds = time.perf_counter() - self.clock
        record.save(self.record, self.folder)
        record.write_atomically(self.folder / "index.html", page.render(self.record))

    def tell(self) -> None:
        """Prints the outputs, or the error in one line, and as the last line where the record is."""
        for name, value in self.record.outputs.items():
            print(f"{name}:", value, sep="\n" if "\n" in str(value) else " ")
        failed = [task.name for task in self.record.tasks if task.status == "failed"]
        if self.record.error:
            task = f"task {failed[-1]} failed: " if failed else ""
            print(f"make run: {task}{self.record.error} (traceback: {self.folder / 'error.txt'})", file=sys.stderr)
        decks = " and decks" if any(task.deck for task in self.record.tasks) else ""
        print(f"record{decks}: {(self.folder / 'index.html').as_uri()}", flush=True)


def main(project: str, out: str, *arguments: str) -> None:
    lesson = Lesson.read(Path(project))
    sys.path[0] = project  # instead of the working folder, which stays the user's
    entity = lesson.workflow()

    # flytekit answers Ctrl-C by exiting on the spot, with no word and no record.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def callback(**given: Any) -> None:
        inputs = with_defaults(entity, given)
        print(f"{lesson.name}: {entity.short_name} by Flyte's local executor", flush=True)
        run = LocalRun(lesson, Path(out), list(arguments), inputs)
        # The cache lies with the data that its entries point to, not in the user's home.
        local_cache.CACHE_LOCATION = str(run.folder.parent / ".cache")
        status = run.execute(entity, inputs)
        run.tell()
        # Spares the interpreter half a second at exit, in which it would sweep every imported module.
        gc.freeze()
        sys.exit(status)

    target = f"make run PROJECT={lesson.name}"
    click.rich_click.ERRORS_SUGGESTION = f"For the inputs: {target} ARGS=--help"
    command_for(entity, callback).main(list(arguments), target, default_map=lesson.inputs)
