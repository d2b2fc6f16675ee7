"""Tasks that fail with errors of every length, end without a result, or do not end."""

import os
import signal
import sys
import time
from pathlib import Path

from flytekit import task, workflow


@task
def leaves(status: int) -> int:
    sys.exit(status)
    return status


@workflow
def leaving_by_sys_exit(status: int = 0) -> int:
    return leaves(status=status)


@task
def fails_at_length(size: int) -> int:
    raise ValueError("\x1b[31m" + size * "x" + "\nlast line")
    return size


@workflow
def failing_at_length(size: int = 3_000_000) -> int:
    return fails_at_length(size=size)


@task
def fails_in_lines(text: str) -> str:
    raise ValueError(text)
    return text


@workflow
def failing_in_lines(text: str) -> str:
    return fails_in_lines(text=text)


@task
def breaks_its_results(name: str, content: str) -> int:
    """Writes something of its own where the harness looks for what an attempt left, and ends without a result."""
    Path(name).write_text(content)
    os._exit(0)
    return 0


@workflow
def broken_results(name: str, content: str) -> int:
    return breaks_its_results(name=name, content=content)


@task
def waits_with_a_child(file: str) -> str:
    """Starts a process, notes both numbers, and waits for ever."""
    if child := os.fork():
        Path(file).write_text(f"{os.getpid()} {child}")
    else:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)
    return file


@workflow
def waiting_with_a_child(file: str) -> str:
    return waits_with_a_child(file=file)
