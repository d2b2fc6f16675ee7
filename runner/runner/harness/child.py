"""What the process of an attempt does: it runs flytekit's entry point for tasks, and keeps what flytekit warns of.

Such a process is a fork (see forks.py), which first becomes what a fresh process would be, or a fresh one:
python -m runner.harness.child COMMAND…
"""

import atexit
import contextlib
import ctypes
import importlib
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from flytekit.bin import entrypoint
from flytekit.core.type_engine import TypeEngine
from flytekit.interfaces.random import random as names_of_files
from flytekit.loggers import logger

from runner.graph import conditions as conditions  # for the graphs that dynamic workflows draw
from runner.harness.calls import WARNINGS
from runner.harness.descriptions import note_models
from runner.harness.prints import LOGGED

# By the first word of a task's command line.
ENTRY_POINTS = {"pyflyte-execute": entrypoint.execute_task_cmd, "pyflyte-map-execute": entrypoint.map_execute_task_cmd}
# What a process imports with its first data frame: flytekit, scikit-learn (which has narwhals) and pandera.
LATE = {
    "pandas": (
        "pandas.core.arrays.arrow.extension_types",
        "pandas.io.formats.string",
        "pyarrow.dataset",
        "pyarrow.pandas_compat",
        "pyarrow.parquet",
    ),
    "narwhals": ("narwhals._interchange.dataframe", "narwhals._pandas_like.namespace", "narwhals.stable.v2._namespace"),
    "sklearn": ("sklearn.utils._pprint",),
    "pandera": ("pandera.backends.pandas.builtin_checks", "pandera.backends.pandas.register"),
    "great_tables": ("great_tables.gt",),
}
PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>


class OneLineWarnings(logging.Handler):
    """Appends what flytekit and its plugins warn of to a file, one a line.

    An error of a task is not repeated: flytekit logs some of them, and the run reports them all.
    """

    def __init__(self, file: Path):
        super().__init__(logging.WARNING)
        self.file = file

    def emit(self, entry: logging.LogRecord) -> None:
        if entry.levelno == logging.WARNING:
            with open(self.file, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(" ".join(entry.getMessage().split()) + "\n")


class Marked(logging.Formatter):
    """Marks every line that flytekit logs, so that they differ from what a task prints."""

    def format(self, entry: logging.LogRecord) -> str:
        lines = f"{entry.levelname} {super().format(entry)}".splitlines()
        return "\n".join(f"{LOGGED}{line}" for line in lines)


def run(command: Sequence[str]) -> int:
    """Runs the command of a task in this process, which is in the attempt's folder; returns its exit status."""
    sys.argv = list(command)
    log = logging.StreamHandler(sys.stderr)
    log.setFormatter(Marked())
    logger.handlers = [log, OneLineWarnings(Path.cwd() / WARNINGS)]
    note_models(Path.cwd())
    entry_point = ENTRY_POINTS[command[0]]
    try:
        # Not by click's main(), which answers a KeyboardInterrupt that the task raises with "Aborted!" only.
        with entry_point.make_context(command[0], list(command[1:])) as context:
            entry_point.invoke(context)
        return 0
    except SystemExit as end:
        if isinstance(end.code, int | None):
            return end.code or 0
        print(end.code, file=sys.stderr)
    except KeyboardInterrupt as interrupt:
        logger.error("the task was interrupted", exc_info=True)
        print(*traceback.format_exception_only(interrupt), file=sys.stderr)
    return 1


def preload() -> None:
    """Imports what is imported with the first value of a type, so that no fork has to."""
    TypeEngine.lazy_import_transformers()
    for package in LATE.keys() & sys.modules.keys():
        # flytekit defers the import of pandas to its first use. If a submodule were that use, the module between the
        # two would be imported twice, and the second one would lack its submodules.
        _ = sys.modules[package].__doc__
        for name in LATE[package]:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)


def become(server: int, command: Sequence[str], variables: Mapping[str, str], folder: str, terminal: bool) -> NoReturn:
    """Runs the command of a task in this process, a fork of `server`, and ends the process.

    With `terminal`, the task reads from and prints to where the run does, instead of to the attempt's log.
    """
    status = 1
    try:
        end_with(server)
        os.setsid()
        os.chdir(folder)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        redirect(terminal)
        os.environ.clear()
        os.environ.update(variables)
        sys.path.insert(0, variables["PYTHONPATH"])
        reseed()
        status = run(command)
    except BaseException:
        traceback.print_exc()
    finally:
        end(status)


def end_with(server: int) -> None:
    """Makes the kernel end this process when the server ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)


def redirect(terminal: bool) -> None:
    """Sends what is printed to the attempt's log, and has nothing to read; with `terminal` both are the run's."""
    log = os.open("log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    if not terminal:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
    # The driver's own objects may lead elsewhere: pytest puts others in their place. They stay open (SIM115).
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115


def reseed() -> None:
    """Makes two forks draw different numbers, as two processes do; Python itself does so for its own generator."""
    names_of_files.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


def end(status: int) -> NoReturn:
    """Ends this process as Python does, but without a return to what the server was doing when it forked."""
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
