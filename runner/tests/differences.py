"""Tasks and workflows for test_differences.py and test_as_a_cluster.py; they are run in processes without pytest."""

import os
import signal
import sys
import time
from pathlib import Path

from flytekit import Deck, Resources, Secret, current_context, map_task, task, workflow

IMPORTED_BY = os.getpid()
MOMENT = 0.5


@task(requests=Resources(mem="1Ki"), limits=Resources(mem="1Ki"))
def small() -> int:
    return len(bytearray(2**20))


@workflow
def beyond_its_limit() -> int:
    return small()


@task(container_image="{{.image.other.fqn}}:{{.image.other.version}}")
def elsewhere() -> int:
    return os.getpid()


@workflow
def in_two_images() -> int:
    return elsewhere()


@task
def imports() -> bool:
    """Whether this process has imported the module itself."""
    return os.getpid() == IMPORTED_BY


@workflow
def importing() -> bool:
    return imports()


@task
def writes_here() -> str:
    Path("words.txt").write_text("words")
    return str(Path("words.txt").resolve())


@workflow
def writing_here() -> str:
    return writes_here()


@task
def reads_variable() -> str:
    return os.environ.get("OF_THIS_MACHINE", "")


@workflow
def reading_variable() -> str:
    return reads_variable()


@task
def tells_prefix() -> str:
    return sys.prefix


@workflow
def telling_prefix() -> str:
    return tells_prefix()


@task
def kills_itself_at_first() -> str:
    if os.environ["FLYTE_ATTEMPT_NUMBER"] == "0":
        os.kill(os.getpid(), signal.SIGKILL)
    return os.environ["FLYTE_ATTEMPT_NUMBER"]


@workflow
def killing_itself() -> str:
    return kills_itself_at_first()


@task
def gives_a_text() -> str:
    return "text"


@task
def takes_a_number(x: int) -> int:
    return x


@workflow
def mistyped() -> int:
    return takes_a_number(x=gives_a_text())


@task(enable_deck=True)
def fails_with_a_deck() -> int:
    Deck("Report", "until here")
    raise RuntimeError("on purpose")
    return 1


@workflow
def reported_failure() -> int:
    return fails_with_a_deck()


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
def meets(folder: str, own: str, other: str) -> bool:
    """Whether the other task runs at the same time."""
    (Path(folder) / own).touch()
    deadline = time.monotonic() + 60
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


@task(secret_requests=[Secret(group="penguins", key="password")])
def knows_secret() -> str:
    return current_context().secrets.get("penguins", "password")


@workflow
def knowing_secret() -> str:
    return knows_secret()
