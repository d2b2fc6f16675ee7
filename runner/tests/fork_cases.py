"""Tasks and workflows for test_forks.py; they are run in processes that have no pytest."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from flytekit import Deck, current_context, task, workflow
from flytekit.loggers import logger


@task
def drawn() -> list[str]:
    """What must differ from process to process: random numbers, and the names of files."""
    return [str(random.random()), str(np.random.random()), current_context().working_directory]


@workflow
def drawn_twice() -> tuple[list[str], list[str]]:
    return drawn(), drawn()


@task
def how() -> str:
    return "fork" if "runner.harness.fork_server" in sys.modules else "fresh process"


@task(environment={"OMP_NUM_THREADS": "1"})
def how_with_variables() -> str:
    return how.task_function() + " with " + os.environ["OMP_NUM_THREADS"]


@workflow
def started() -> tuple[str, str]:
    return how(), how_with_variables()


@task
def leaves(file: str) -> int:
    """Starts a process that ends only if it is killed."""
    Path(file).write_text(str(subprocess.Popen(["sleep", "1000"]).pid))
    return 1


@workflow
def leaving(file: str) -> int:
    return leaves(file=file)


@task
def hangs(folder: str) -> int:
    """Does not listen to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leaves.task_function(f"{folder}/child")
    Path(folder, "task").write_text(str(os.getpid()))
    time.sleep(1000)
    return 1


@task
def fails_then(folder: str) -> int:
    while not Path(folder, "task").exists():
        time.sleep(0.05)
    raise ValueError("on purpose")
    return 1


@workflow
def hanging(folder: str) -> tuple[int, int]:
    return hangs(folder=folder), fails_then(folder=folder)


@workflow
def hanging_alone(folder: str) -> int:
    return hangs(folder=folder)


@task
def cleans_up(folder: str) -> int:
    try:
        Path(folder, "task").write_text(str(os.getpid()))
        while True:
            time.sleep(0.1)  # a signal that comes just before a long sleep would wait for its end
    finally:
        Path(folder, "cleaned").touch()
    return 1


@workflow
def cleaning(folder: str) -> tuple[int, int]:
    return cleans_up(folder=folder), fails_then(folder=folder)


@task
def ends_server(file: str) -> str:
    """Ends the process that has forked this one, at the first attempt."""
    if os.environ["FLYTE_ATTEMPT_NUMBER"] == "0":
        leaves.task_function(file)
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(1000)
    return how.task_function()


@workflow
def ending_server(file: str) -> str:
    return ends_server(file=file)


@task(enable_deck=True, deck_fields=[])
def tells(x: int) -> int:
    for tab in range(x):
        Deck(f"Tab {tab}", "…").publish()
    logger.warning("more than\n  one line")
    print("printed")
    subprocess.run(["echo", "by a child"])
    return x


@workflow
def telling(x: int) -> int:
    return tells(x=x)


@task
def exits() -> int:
    """Has something to do at its end, after its result is stored."""
    import atexit
    import threading

    file = Path("late.txt").resolve()
    atexit.register(lambda: file.open("a").write("exit"))
    threading.Thread(target=lambda: (time.sleep(0.5), file.open("a").write("thread "))).start()
    return 1


@workflow
def exiting() -> int:
    return exits()
