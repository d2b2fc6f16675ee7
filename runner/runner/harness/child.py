"""What the process of an attempt does: becomes what a fresh process would be, and runs flytekit's entry point."""

import atexit
import ctypes
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from typing import NoReturn

from flytekit.bin import entrypoint
from flytekit.core.type_engine import TypeEngine
from flytekit.interfaces.random import random as flyte_random

# By the first word of a task's command line.
ENTRY_POINTS = {"pyflyte-execute": entrypoint.execute_task_cmd, "pyflyte-map-execute": entrypoint.map_execute_task_cmd}
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def forget_exit_handlers() -> None:
    atexit._clear()


def preload() -> None:
    """Imports what flytekit imports with the first value of a type."""
    TypeEngine.lazy_import_transformers()
    if "pandas" in sys.modules:
        import pyarrow.dataset
        import pyarrow.parquet
        import pyarrow.pandas_compat


def become(server: int, command: Sequence[str], variables: Mapping[str, str], folder: str) -> NoReturn:
    """Runs a command of an attempt in this process, which is a fork of `server`, and ends the process."""
    status = 1
    try:
        end_with(server)
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(folder)
        redirect()
        os.environ.clear()
        os.environ.update(variables)
        sys.path.insert(0, variables["PYTHONPATH"])
        reseed()
        import time; t=time.time(); c=time.process_time(); b=set(sys.modules)
        status = run(command)
        print("NEW", time.time()-t, time.process_time()-c, sorted(set(sys.modules)-b)) if os.environ.get("SHOWNEW") else 0
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            threading._shutdown()
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


def end_with(server: int) -> None:
    """Has the kernel end this process when the server ends."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)


def redirect() -> None:
    """Sends what is printed to the attempt's log."""
    log = os.open("log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.close(nothing)
    sys.stdin = open(0, closefd=False)
    sys.stdout = sys.__stdout__ = open(1, "w", buffering=1, closefd=False)
    sys.stderr = sys.__stderr__ = open(2, "w", buffering=1, closefd=False)
    for logger in (logging.getLogger(), logging.getLogger("flytekit")):
        for handler in logger.handlers:
            if type(handler) is logging.StreamHandler:
                handler.setStream(sys.stderr)


def reseed() -> None:
    """Two forks draw different numbers, as two processes do; Python's own generator sees to that itself."""
    flyte_random.seed()  # names of files
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


def run(command: Sequence[str]) -> int:
    sys.argv = list(command)
    try:
        ENTRY_POINTS[command[0]].main(list(command[1:]), command[0])
    except SystemExit as end:
        if isinstance(end.code, int | None):
            return end.code or 0
        print(end.code, file=sys.stderr)
    return 1
