"""Work side by side: each piece in a process of its own, whose output is shown when it has ended."""

import multiprocessing
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from tools.core.early import leave_at_once, signals_wait
from tools.core.errors import Stop
from tools.core.reporting import ends_in_one_line

# Returns an exit status. Reaches its process pickled: a function of a module, or a partial of one.
Work = Callable[[], int]

# As on macOS, where a fork is not safe: a fresh interpreter.
PROCESSES = multiprocessing.get_context("spawn")


def jobs() -> int:
    """How many pieces of work are done at a time: JOBS, or one for each processor, up to four."""
    asked = os.environ.get("JOBS") or str(min(os.cpu_count() or 1, 4))
    if not re.fullmatch("[1-9][0-9]{0,3}", asked):
        raise Stop(f"JOBS must be a number above 0, not {asked!r}: how many suites of tests run in parallel")
    return int(asked)


def failed(works: Mapping[str, Work], title: str) -> list[str]:
    """Does all of the work, goes on past a failure, and returns the names of what failed, in the order given.

    With JOBS=1, or a single piece, it is done in this process, and its output is shown as it comes.
    """
    if jobs() == 1 or len(works) == 1:
        statuses = {}
        for name, work in works.items():
            print(f"\n== {title} {name}", flush=True)
            try:
                statuses[name] = work()
            except Stop as stop:
                if len(works) == 1:
                    raise
                print(f"make: {stop}", file=sys.stderr)
                statuses[name] = 2
    else:
        with tempfile.TemporaryDirectory() as folder:
            statuses = in_processes(works, title, Path(folder))
    return [name for name in works if statuses[name]]


def in_processes(works: Mapping[str, Work], title: str, folder: Path) -> dict[str, int | None]:
    """Does the work, JOBS pieces at a time, and returns the exit statuses; `folder` is for what they print."""
    waiting = list(works.items())
    running: dict[int, tuple[str, float, BaseProcess]] = {}
    statuses: dict[str, int | None] = {}
    resource_tracker.ensure_running()  # the first start would, and unblock Ctrl-C
    try:
        while waiting or running:
            while waiting and len(running) < jobs():
                name, work = waiting.pop(0)
                (folder / name).touch()
                process = PROCESSES.Process(target=do, args=(work, folder / name))
                with signals_wait():
                    process.start()
                    running[process.sentinel] = (name, time.monotonic(), process)
                print(f"{title} {name}: started", flush=True)
            for sentinel in wait(list(running)):
                name, start, process = running.pop(sentinel)
                process.join()
                statuses[name] = process.exitcode
                print(f"\n== {title} {name}, {time.monotonic() - start:.0f} s", flush=True)
                print((folder / name).read_text(encoding="utf-8", errors="replace"), end="")
                sys.stdout.flush()
    finally:
        for _, _, process in running.values():
            process.terminate()
        for _, _, process in running.values():
            process.join()
    return statuses


def do(work: Work, output: Path) -> None:
    """What such a process does: the work, with all that it prints in a file."""
    with open(output, "wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    leave_at_once("make")
    sys.exit(ends_in_one_line("make", work))
