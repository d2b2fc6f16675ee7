"""A workflow that needs something outside of it: a file that stands for a service."""

import os
import time
from pathlib import Path
from typing import NamedTuple

from flytekit import current_context, map_task, task, workflow
from flytekit.exceptions.user import FlyteRecoverableException


class Story(NamedTuple):
    story: str
    halves: list[int | None]


@task
def prepare(x: int) -> int:
    return 2 * x


@task(retries=1)
def ask(x: int, service: str, patient: int) -> str:
    """Adds its attempt to the checkpoint; without the service it fails or, if patient, waits."""
    checkpoint = current_context().checkpoint
    story = (checkpoint.read() or b"").decode() + os.environ["FLYTE_ATTEMPT_NUMBER"]
    checkpoint.write(story.encode())
    Path(f"{service}.started").touch()
    while patient and not Path(service).exists():
        time.sleep(0.05)
    if not Path(service).exists():
        raise FlyteRecoverableException("the service does not answer")
    return f"{story} of {x}"


@task
def half(x: int) -> int:
    if x % 2:
        raise ValueError(f"{x} is odd")
    return x // 2


@task
def close(story: str, halves: list[int | None]) -> str:
    return f"{story}, closed"


@workflow
def asking(service: str, x: int = 4, patient: int = 0) -> Story:
    halves = map_task(half, min_success_ratio=0.5)(x=[2, 3])
    story = ask(x=prepare(x=x), service=service, patient=patient)
    return Story(story=close(story=story, halves=halves), halves=halves)
