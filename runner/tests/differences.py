"""Tasks and workflows for test_differences.py; they are run in processes that have no pytest."""

import os
import time
from datetime import timedelta
from pathlib import Path

from flytekit import Deck, Resources, current_context, map_task, task, workflow
from flytekit.core.workflow import WorkflowFailurePolicy
from flytekit.exceptions.user import FlyteRecoverableException

MOMENT = 0.5


@task(retries=1)
def fails_at_first() -> int:
    if os.environ.get("FLYTE_ATTEMPT_NUMBER", "0") == "0":
        raise FlyteRecoverableException("not yet")
    return 1


@workflow
def retried() -> int:
    return fails_at_first()


@task(timeout=timedelta(seconds=10), retries=1)
def too_long_at_first() -> int:
    if os.environ.get("FLYTE_ATTEMPT_NUMBER") == "0":
        time.sleep(60)
    return int(os.environ.get("FLYTE_ATTEMPT_NUMBER", "-1"))


@task(timeout=timedelta(milliseconds=1))
def longer_than_its_timeout() -> int:
    time.sleep(0.1)
    return 1


@workflow
def timed() -> int:
    return too_long_at_first()


@task(resources=Resources(mem="1Ki", cpu="1m"))
def small() -> int:
    return len(bytearray(2**20))


@task(container_image="{{.image.other.fqn}}:{{.image.other.version}}")
def elsewhere() -> int:
    return os.getpid()


@workflow
def in_two_images() -> int:
    return elsewhere()


@task(environment={"GREETING": "hello"})
def greeting() -> str:
    return os.environ.get("GREETING", "")


@workflow
def greeted() -> str:
    return greeting()


@task(enable_deck=True)
def fails_with_a_deck() -> int:
    Deck("Report", "until here")
    raise RuntimeError("on purpose")
    return 1


@workflow
def reported_failure() -> int:
    return fails_with_a_deck()


@task
def attempts_needed() -> int:
    if os.environ.get("FLYTE_ATTEMPT_NUMBER", "0") == "0":
        raise FlyteRecoverableException("not yet")
    return 1


@workflow
def overridden() -> int:
    return attempts_needed().with_overrides(retries=1)


@task
def write(folder: str, name: str) -> None:
    time.sleep(MOMENT)
    (Path(folder) / name).write_text(str(time.time()))


@workflow
def second_line_first(folder: str) -> None:
    first = write(folder=folder, name="first line")
    second = write(folder=folder, name="second line")
    second >> first


@task
def fails() -> None:
    raise ValueError("on purpose")


@workflow(failure_policy=WorkflowFailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE)
def goes_on(folder: str) -> None:
    fails()
    write(folder=folder, name="after the failure")


@task
def meets(folder: str, own: str, other: str) -> bool:
    """Whether the other task runs at the same time."""
    (Path(folder) / own).touch()
    deadline = time.monotonic() + (60 if "FLYTE_ATTEMPT_NUMBER" in os.environ else MOMENT)
    while time.monotonic() < deadline:
        if (Path(folder) / other).exists():
            return True
        time.sleep(0.05)
    return False


@workflow
def meeting(folder: str) -> tuple[bool, bool]:
    return meets(folder=folder, own="a", other="b"), meets(folder=folder, own="b", other="a")


@task
def member(names: list[str]) -> bool:
    return meets.task_function(*names)


@workflow
def mapped_meeting(members: list[list[str]]) -> list[bool]:
    return map_task(member, concurrency=2)(names=members)


@task(cache=True, cache_version="1")
def counted(x: int, file: str) -> int:
    with open(file, "a") as out:
        out.write(f"{x} ")
    return x


@workflow
def mapped_counting(numbers: list[int], files: list[str]) -> list[int]:
    return map_task(counted)(x=numbers, file=files)


@workflow
def counting(x: int, file: str) -> int:
    return counted(x=x, file=file)


@task(retries=1)
def remembers() -> str:
    checkpoint = current_context().checkpoint
    seen = (checkpoint.read() or b"nothing").decode() if checkpoint else "nothing"
    if checkpoint and seen == "nothing" and "FLYTE_ATTEMPT_NUMBER" in os.environ:
        checkpoint.write(b"something")
        raise FlyteRecoverableException("again, with a checkpoint")
    return seen


@workflow
def remembered() -> str:
    return remembers()


@task
def gives_a_text() -> str:
    return "text"


@task
def takes_a_number(x: int) -> int:
    return x


@workflow
def mistyped() -> int:
    return takes_a_number(x=gives_a_text())
