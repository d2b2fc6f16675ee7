"""The rows of docs/flyte-2.md, each with a test of its name, against the release that requirements.txt pins."""

import datetime
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import basics
import flyte
import flyte.errors
import flyte.report
import pytest

PAGE = Path(__file__).parents[2] / "flyte-2.md"
PROJECTS = PAGE.parents[1] / "projects"
SHARED = PAGE.parents[1] / "shared"
env = flyte.TaskEnvironment(name="rows")


def run(task, *inputs):
    """The outputs of a task that is run on this machine, in this process."""
    return tuple(flyte.with_runcontext(mode="local").run(task, *inputs).outputs())


def migrated(lesson: str, file: str, workflow: str) -> str:
    """What flyte-migrate prints when it runs the workflow of a lesson, without colours."""
    variables = {
        "PYTHONPATH": os.pathsep.join(map(str, (SHARED, PROJECTS / lesson))),
        "NO_COLOR": "1",
        "COLUMNS": "300",
    }
    program = Path(sys.executable).with_name("pyflyte-migrate")
    command = [program, "run", file, workflow]
    folder = PROJECTS / lesson
    answer = subprocess.run(command, cwd=folder, env=os.environ | variables, capture_output=True, text=True)
    return answer.stdout + answer.stderr


@env.task
def square(number: int) -> int:
    return number * number


@env.task
def squares(count: int) -> list[int]:
    return list(flyte.map(square, range(count)))


@env.task
def only_even(number: int) -> str:
    return "even" if square(number) % 2 == 0 else "odd"


@env.task
def passes_text() -> int:
    return square("two")


class Point(NamedTuple):
    x: int
    y: int


@env.task
def point() -> Point:
    return Point(1, 2)


@env.task
def fields_of_a_point() -> str:
    return " ".join(name for name in ("x", "y") if hasattr(point(), name))


attempts: list[int] = []


@env.task(retries=2)
def fails_twice() -> int:
    attempts.append(1)
    if len(attempts) < 3:
        raise RuntimeError("not yet")
    return len(attempts)


def test_figures():
    assert run(basics.train_and_judge) == (0.989010989010989, 1.0)


def test_workflow():
    assert run(only_even, 4) == ("even",)
    assert not hasattr(flyte, "workflow")
    assert not hasattr(flyte, "dynamic")


def test_map_task():
    assert run(squares, 4) == ([0, 1, 4, 9],)
    assert {"concurrency", "return_exceptions"} <= inspect.signature(flyte.map).parameters.keys()
    assert "min_success_ratio" not in inspect.signature(flyte.map).parameters


def test_launch_plan():
    (trigger,) = basics.train_and_judge.triggers
    assert trigger.automation.expression == "0 2 * * *"
    assert trigger.inputs == {"test_size": 0.1}
    assert not hasattr(flyte, "LaunchPlan")


def test_deck():
    assert not hasattr(flyte, "Deck")
    assert "report" in inspect.signature(env.task).parameters
    assert callable(flyte.report.replace)


def test_resources():
    assert basics.env.resources.memory == "400Mi"
    assert "resources" not in inspect.signature(env.task).parameters
    assert "resources" in inspect.signature(basics.train_model.override).parameters


def test_named_tuple():
    """The outputs keep their names, but who calls the task gets a plain tuple."""
    assert list(point.native_interface.outputs) == ["x", "y"]
    assert run(fields_of_a_point) == ("",)


def test_failure_policy():
    words = {*dir(flyte), *inspect.signature(env.task).parameters}
    assert not [word for word in words if "policy" in word.lower() and "fail" in word.lower()]


def test_on_failure():
    assert "on_failure" not in inspect.signature(env.task).parameters


def test_conditional():
    assert not hasattr(flyte, "conditional")


def test_types():
    """A wrong type is found when the call is made, not before."""
    with pytest.raises(flyte.errors.RuntimeUserError, match="number"):
        run(passes_text)


def test_retries():
    attempts.clear()
    assert run(fails_twice) == (3,)


def test_cache():
    assert flyte.Cache("auto").get_version is not None
    assert "max_age" in inspect.signature(flyte.Cache).parameters
    assert flyte.Cache("auto", max_age=datetime.timedelta(days=1)).max_age


def test_migrate():
    assert "no attribute 'train'" in migrated("flyte-basics", "flyte_basics/workflow.py", "training_workflow")
    assert "0.9582" in migrated("caching", "caching_lesson/workflow.py", "cached_training")


def test_every_row_has_a_test_and_every_test_a_row():
    tests = {name for name in globals() if name.startswith("test_")} - {
        "test_every_row_has_a_test_and_every_test_a_row"
    }
    assert {*re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8"))} == tests
