"""Watches Flyte's local executor: one TaskRun, one folder and one deck of its own for every task.

flytekit keeps the decks of a local run in one list, so that a later task's page repeats the tabs of
earlier ones, and scatters them over the temporary folder. It has no hook for observers; every local
call of a task passes Task.sandbox_execute, unless LocalTaskCache.get has its result. Both are wrapped here
for the time of a run.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flytekit.core.base_task import Task
from flytekit.core.context_manager import FlyteContext, FlyteContextManager
from flytekit.core.data_persistence import FileAccessProvider
from flytekit.core.local_cache import LocalTaskCache
from flytekit.loggers import logger
from flytekit.models.literals import LiteralMap

from runner.local import cache
from runner.local.trace import Trace, traced
from runner.records.errors import reason
from runner.records.literals import data_of, shown
from runner.records.offline import keep_offline
from runner.records.record import TaskRun, short_name, timestamp


class OneLineWarnings(logging.Handler):
    """Notes what flytekit and its plugins warn of with the task that runs, and prints it as one line.

    An error of a task is not repeated: flytekit logs some of them, and the run tells them all.
    """

    def __init__(self, runs: list[TaskRun]):
        super().__init__(logging.WARNING)
        self.runs = runs

    def emit(self, entry: logging.LogRecord) -> None:
        if entry.levelno > logging.WARNING:
            return
        words = " ".join(entry.getMessage().split())
        name = "flytekit"
        if self.runs:
            name = self.runs[-1].name
            self.runs[-1].warnings.append(words)
        print(f"  {name:<30} {entry.levelname.lower():<9} {words}", flush=True)


def own_context(folder: Path) -> FlyteContext.Builder:
    """The current context with data, decks and a working directory of its own, below `folder`."""
    context = FlyteContextManager.current_context()
    parameters = context.user_space_params.builder()
    parameters.decks = []
    # The local executor leaves files where a task made them: there they outlive the run.
    parameters.working_dir = f"{folder}/"
    state = context.execution_state.with_params(user_space_params=parameters.build())
    files = FileAccessProvider(local_sandbox_dir=folder, raw_output_prefix=str(folder / "data"))
    return context.with_file_access(files).with_execution_state(state)


@contextlib.contextmanager
def observed(folder: Path, runs: list[TaskRun], report: Callable[[TaskRun], None]) -> Iterator[Trace]:
    """Appends a TaskRun to `runs` for every task that the local executor runs, or finds in the cache.

    A cached result whose data is gone is no result: its task is run, with a warning. Gives the trace of the values.

    Args:
        folder: the run's folder.
        runs: where to append, in the order in which the tasks start.
        report: called when a task has ended.
    """
    original, original_get = Task.sandbox_execute, LocalTaskCache.get
    warnings: list[str] = []  # of the task that starts next

    def begun(name: str, inputs: LiteralMap) -> TaskRun:
        run = TaskRun(
            short_name(name), shown(inputs, folder), task=name, id=f"{len(runs) + 1:02d}", parent=trace.parent
        )
        run.started, run.sources, run.read = timestamp(), trace.sources(inputs), data_of(inputs, folder)
        runs.append(run)
        return run

    def get(name: str, version: str, inputs: LiteralMap, ignored: tuple[str, ...]) -> LiteralMap | None:
        start = time.perf_counter()
        cache.store()
        outputs = original_get(name, version, inputs, ignored)
        if outputs is None:
            return None
        if path := cache.gone(outputs, folder.parent):
            warnings.append(f"the data of its cached result is gone, so it is computed again: {path}")
            print(f"  {short_name(name):<30} {'warning':<9} {warnings[-1]}", flush=True)
            return None
        run = begun(name, inputs)
        run.status, run.outputs = "cached", shown(outputs, folder)
        run.computed_seconds, run.computed_by, run.computed_as = cache.noted(name, version, inputs, ignored)
        run.seconds = time.perf_counter() - start
        run.written = data_of(outputs, folder)
        report(run)
        return trace.made(outputs, run.id)

    def sandbox_execute(task: Task, context: FlyteContext, inputs: LiteralMap) -> LiteralMap:
        run = begun(task.name, inputs)
        run.warnings += warnings
        warnings.clear()
        own = folder / "tasks" / f"{run.id}-{run.name}"
        trace.running.append(run.id)
        start = time.perf_counter()
        try:
            with FlyteContextManager.with_context(own_context(own)) as inner:
                outputs = original(task, inner, inputs)
            run.status, run.outputs = "succeeded", shown(outputs, folder)
            outputs = trace.made(outputs, run.id)
        except BaseException as error:
            run.status, run.error = "failed", reason(error)
            raise
        finally:
            run.seconds = time.perf_counter() - start
            trace.running.pop()
            # A task that publishes its deck early writes a fuller one each time.
            for deck in sorted(own.glob("local_flytekit/*/deck.html"), key=lambda file: file.stat().st_mtime_ns):
                deck = deck.rename(own / "deck.html")
                run.deck = str(deck.relative_to(folder))
            if run.deck:
                keep_offline(folder / run.deck)
            report(run)
        run.written = data_of(outputs, folder)
        if cache.is_used_by(task):
            cache.note(task, inputs, run.seconds, folder.name, run.id)
        return outputs

    handlers = logger.handlers
    Task.sandbox_execute, LocalTaskCache.get = sandbox_execute, staticmethod(get)
    logger.handlers = [OneLineWarnings(runs)]
    try:
        with traced() as trace:
            yield trace
    finally:
        Task.sandbox_execute, LocalTaskCache.get = original, staticmethod(original_get)
        logger.handlers = handlers
