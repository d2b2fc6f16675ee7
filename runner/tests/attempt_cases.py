"""Workflows of one task, or two, for test_attempts.py; what fails does so by attempt, never by chance."""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import flytekit
from cases import double
from flytekit import task, workflow
from flytekit.exceptions.user import FlyteRecoverableException


def attempt() -> int:
    return int(os.environ.get("FLYTE_ATTEMPT_NUMBER", "0"))


@task(retries=3)
def recovers(x: int) -> int:
    if attempt() < 2:
        raise FlyteRecoverableException(f"try {attempt()} is not enough")
    return x


@workflow
def recovering(x: int = 1) -> int:
    return recovers(x=x)


@task(retries=3)
def breaks(x: int) -> int:
    if x:
        raise ValueError(f"{x} is never right")
    return x


@workflow
def fatal(x: int = 1) -> int:
    return double(x=breaks(x=x))


@task(retries=1)
def never_recovers(x: int) -> int:
    if x:
        raise FlyteRecoverableException("still not there")
    return x


@workflow
def exhausted(x: int = 1) -> int:
    return never_recovers(x=x)


@task(retries=1, timeout=timedelta(seconds=6))
def late_at_first(x: int) -> int:
    if attempt() == 0:
        time.sleep(60)
    return x


@workflow
def timing_out(x: int = 3) -> int:
    return late_at_first(x=x)


@task
def counts_on(upto: int, die_at: int) -> str:
    """Counts in a checkpoint; in its first attempt it dies on the way.

    It ends as a killed process does. SIGKILL itself does nothing where the task is the first process of a container.
    """
    checkpoint = flytekit.current_context().checkpoint
    seen = (checkpoint.read() or b"").decode()
    for number in range(len(seen), upto):
        if attempt() == 0 and number == die_at:
            os._exit(128 + signal.SIGKILL)
        seen += str(number)
        checkpoint.write(seen.encode())
    return f"attempt {attempt()} started at {die_at if attempt() else 0} and saw {seen}"


@workflow
def checkpointed(upto: int = 6, die_at: int = 4) -> str:
    return counts_on(upto=upto, die_at=die_at)


@task
def waits_for(file: str, x: int) -> int:
    """Notes that it has started, and ends when `file` is there."""
    Path(f"{file}.started").touch()
    while not Path(file).exists():
        time.sleep(0.05)
    return x


@workflow
def waiting(file: str, x: int = 5) -> int:
    return waits_for(file=file, x=double(x=x))


@task
def exits(x: int) -> int:
    print("about to leave", flush=True)
    os._exit(x)
    return x


@workflow
def leaving(x: int = 3) -> int:
    return exits(x=x)


@task
def interrupts(x: int) -> int:
    raise KeyboardInterrupt(f"{x} was enough")
    return x


@workflow
def interrupting(x: int = 3) -> int:
    return interrupts(x=x)


@task
def raises_a_group(x: int) -> int:
    inner = ExceptionGroup("on the way", [KeyError("second"), TypeError("third")])
    raise ExceptionGroup(f"{x} at once", [ValueError("first\nof two lines"), inner])
    return x


@workflow
def grouped(x: int = 3) -> int:
    return raises_a_group(x=x)


@task
def dies(times: int) -> int:
    """Ends as a killed process does, in as many attempts."""
    if attempt() < times:
        os._exit(128 + signal.SIGKILL)
    return times


@workflow
def dying(times: int) -> int:
    return dies(times=times)
