"""Attempts of one task: how they end, and what comes after. What fails does so by attempt, never by chance."""

import os
import signal
import time
from datetime import timedelta

from flytekit import Deck, Resources, current_context, task, workflow
from flytekit.exceptions.user import FlyteRecoverableException

KILLED = 128 + signal.SIGKILL


def attempt() -> int:
    return int(os.environ.get("FLYTE_ATTEMPT_NUMBER", "0"))


@task(retries=2)
def recovers(failures: int) -> int:
    if attempt() < failures:
        raise FlyteRecoverableException(f"attempt {attempt()} is not enough")
    return attempt()


@workflow
def retries(failures: int = 2) -> int:
    return recovers(failures=failures)


@task(retries=2)
def breaks(text: str) -> str:
    raise ValueError(text)
    return text


@workflow
def fatal(text: str = "on purpose") -> str:
    return breaks(text=text)


# A cluster counts the time from when the attempt was queued.
@task(retries=1, timeout=timedelta(seconds=20))
def hangs_at_first() -> int:
    if attempt() == 0:
        time.sleep(600)
    return attempt()


@workflow
def timeout() -> int:
    return hangs_at_first()


@task(retries=1)
def remembers() -> str:
    checkpoint = current_context().checkpoint
    seen = (checkpoint.read() or b"nothing").decode()
    if seen == "nothing":
        checkpoint.write(b"something")
        raise FlyteRecoverableException("again, with a checkpoint")
    return seen


@workflow
def checkpoint() -> str:
    return remembers()


@task
def dies_at_first() -> int:
    """Ends as a process does that was killed."""
    if attempt() == 0:
        os._exit(KILLED)
    return attempt()


@workflow
def system_retry() -> int:
    return dies_at_first()


@task
def kills_itself_at_first() -> int:
    """Nothing happens where the task is process 1 of its container, as on a cluster without FAST=1."""
    if attempt() == 0 and os.getpid() != 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return attempt()


@workflow
def self_kill() -> int:
    return kills_itself_at_first()


@task
def exits(status: int) -> int:
    os._exit(status)
    return status


@workflow
def exit_status(status: int = 3) -> int:
    return exits(status=status)


@task(requests=Resources(mem="300Mi"), limits=Resources(mem="300Mi"))
def needs_memory(megabytes: int) -> int:
    """Writes to all of it: what is only asked for costs nothing."""
    return len(b"x" * (megabytes * 2**20))


@workflow
def out_of_memory(megabytes: int = 1000) -> int:
    return needs_memory(megabytes=megabytes)


@task(enable_deck=True)
def fails_with_a_deck() -> int:
    Deck("Report", "until here")
    raise RuntimeError("after the report")
    return 1


@workflow
def failed_deck() -> int:
    return fails_with_a_deck()
