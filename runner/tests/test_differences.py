"""The rows of docs/local-and-cluster.md, each with a test of its name."""

import contextvars
import os
import re
import shutil
import threading
from functools import partial
from pathlib import Path

import cases
import differences
import pandas as pd
import pytest
from flytekit import Cache, CronSchedule, LaunchPlan, task
from flytekit.exceptions.user import FlyteRecoverableException

from runner.graph.compiled import compiled
from runner.harness import walk
from runner.harness.attempts import TaskFailed
from runner.harness.tasks import template_in
from runner.local.observe import observed

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "local-and-cluster.md"
IMAGES = {"default": "localhost:30000/example:1", "other": "localhost:30000/other:1"}


@pytest.fixture
def harness(tmp_path):
    """Runs a workflow by the harness; returns its outputs as a list."""

    def harness(workflow, **inputs) -> list:
        folder = tmp_path / "run"
        return list(walk.execute(workflow, inputs, folder, ForkLauncher(HERE), IMAGES).outputs.values())

    return harness


def test_retries(harness):
    with pytest.raises(FlyteRecoverableException, match="not yet"):
        differences.retried()
    assert harness(differences.retried) == [1]


def test_timeout(harness):
    assert differences.longer_than_its_timeout() == 1
    assert harness(differences.timed) == [1]


def test_resources():
    assert differences.small() == 2**20


def test_images(tmp_path):
    assert differences.in_two_images() == os.getpid()
    attempts = walk.execute(differences.in_two_images, {}, tmp_path, ForkLauncher(HERE), IMAGES).attempts
    (attempt,) = attempts
    file = tmp_path / attempt.node / "attempt-0" / "task.pb"
    assert template_in(file).container.image == IMAGES["other"]


def test_environment(harness):
    assert differences.greeted() == ""
    assert harness(differences.greeted) == ["hello"]


def test_overrides(harness):
    with pytest.raises(FlyteRecoverableException):
        differences.overridden()
    assert harness(differences.overridden) == [1]


def test_failed_deck(tmp_path):
    runs, attempts = [], []
    with pytest.raises(RuntimeError), observed(tmp_path / "local", runs, lambda run: None):
        differences.reported_failure()
    assert runs[0].deck is None
    with pytest.raises(TaskFailed):
        walk.execute(differences.reported_failure, {}, tmp_path, ForkLauncher(HERE), IMAGES, attempts.append)
    deck = Path(attempts[0].deck).read_text()
    assert "until here" in deck
    assert "Source Code" not in deck


def order(folder: Path) -> list[str]:
    return sorted((file.name for file in folder.iterdir()), key=lambda name: float((folder / name).read_text()))


def test_order(harness, tmp_path):
    for name in ("local", "harness"):
        (tmp_path / name).mkdir()
    differences.second_line_first(folder=str(tmp_path / "local"))
    harness(differences.second_line_first, folder=str(tmp_path / "harness"))
    assert order(tmp_path / "local") == ["first line", "second line"]
    assert order(tmp_path / "harness") == ["second line", "first line"]


def test_failure_policy(harness, tmp_path):
    for name, run in (
        ("local", differences.goes_on),
        ("harness", lambda folder: harness(differences.goes_on, folder=folder)),
    ):
        (tmp_path / name).mkdir()
        with pytest.raises(Exception, match="on purpose"):
            run(folder=str(tmp_path / name))
    assert order(tmp_path / "local") == []
    assert order(tmp_path / "harness") == ["after the failure"]


def test_failure_handler(harness, tmp_path):
    by_harness = partial(harness, cases.handled_with_its_error)
    for name, run in (("local", cases.handled_with_its_error), ("harness", by_harness)):
        (tmp_path / name).mkdir()
        with pytest.raises(Exception, match="on purpose"):
            run(folder=str(tmp_path / name))
    assert (tmp_path / "local" / "report").read_text().startswith("fn0: ")
    assert (tmp_path / "harness" / "report").read_text().startswith("n1: ")


@pytest.mark.skipif(os.cpu_count() == 1, reason="one core runs one task at a time")
def test_side_by_side(harness, tmp_path):
    for name in ("local", "harness"):
        (tmp_path / name).mkdir()
    assert list(differences.meeting(folder=str(tmp_path / "local"))) == [False, True]
    assert harness(differences.meeting, folder=str(tmp_path / "harness")) == [True, True]


@pytest.mark.skipif(os.cpu_count() == 1, reason="one core runs one member at a time")
def test_map_concurrency(harness, tmp_path):
    for name in ("local", "harness"):
        (tmp_path / name).mkdir()

    def members(name: str) -> list[list[str]]:
        return [[str(tmp_path / name), "a", "b"], [str(tmp_path / name), "b", "a"]]

    assert differences.mapped_meeting(members=members("local")) == [False, True]
    assert harness(differences.mapped_meeting, members=members("harness")) == [[True, True]]


def test_map_cache(own_cache, tmp_path):
    file = str(tmp_path / "computed")
    for numbers in ([1, 2], [1, 2], [1, 2, 3]):
        differences.mapped_counting(numbers=numbers, files=[file] * len(numbers))
    # The second call is a hit; of the third, two members are computed again.
    assert Path(file).read_text() == "1 2 1 2 3 "


def test_cache(own_cache, harness, tmp_path):
    file = str(tmp_path / "computed")
    for _ in range(2):
        differences.counting(x=1, file=file)
    assert Path(file).read_text() == "1 "
    harness(differences.counting, x=1, file=file)
    assert Path(file).read_text() == "1 1 "


def cached_task(value):
    """A cached task of always the same name and version that returns `value`."""

    def body() -> type(value):
        return value

    body.__module__, body.__qualname__ = __name__, "body"
    return task(body, cache=Cache(version="1"))


def test_changed_body(own_cache):
    assert cached_task(1)() == 1
    assert cached_task(2)() == 1


def test_changed_signature(own_cache):
    assert cached_task(1)() == 1
    assert cached_task(2.5)() == 1


def test_cache_serialize(own_cache, tmp_path):
    start = threading.Barrier(2)
    computed = []

    @task(cache=Cache(version="1", serialize=True))
    def slow() -> int:
        start.wait(timeout=30)  # ends only if the other one computes too
        computed.append(1)
        return 1

    threads = [threading.Thread(target=contextvars.copy_context().run, args=[slow]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert computed == [1, 1]


def test_cached_data(own_cache, tmp_path, capsys):
    stored = cached_task(pd.DataFrame({"x": [1, 2]}))
    runs = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        with observed(tmp_path / name, runs, report=lambda run: None):
            assert len(stored()) == 2
        shutil.rmtree(tmp_path / "first", ignore_errors=True)
    assert [run.status for run in runs] == ["succeeded", "succeeded"]


def test_checkpoint(harness):
    assert [differences.remembered(), differences.remembered()] == ["nothing", "nothing"]
    assert harness(differences.remembered) == ["something"]


def test_schedule():
    plan = LaunchPlan.get_or_create(
        differences.retried, name="every_minute", schedule=CronSchedule(schedule="* * * * *")
    )
    # It is data that a cluster acts on; nothing here does.
    assert plan.schedule.cron_schedule.schedule == "* * * * *"


def test_types():
    assert compiled(differences.mistyped, IMAGES).workflow.id.name.endswith("mistyped")
    with pytest.raises(Exception, match=r"Error converting input .x|Cannot convert"):
        differences.mistyped()


def test_every_row_of_the_page_has_its_test():
    rows = re.findall(r"\| `(\w+)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    tests = [name.removeprefix("test_") for name in globals() if name.startswith("test_")]
    assert rows
    assert sorted([*rows, "every_row_of_the_page_has_its_test"]) == sorted(tests)
