"""Exercise 4: a second launch plan, weekly, with a test."""

from datetime import datetime, timedelta

import pytest
from croniter import croniter
from flyte_basics import workflow

MONDAY, FORM = datetime(2026, 1, 5, 6), "%A, %d %B %Y at %H:%M"
# Runs before the tests of the lesson, in their process.
MOVED = """
from flyte_basics import workflow
from flytekit import CronSchedule
workflow.weekly_training._schedule = CronSchedule(schedule="{}")
"""


def test_begun():
    assert hasattr(workflow, "weekly_training"), "flyte_basics/workflow.py has no weekly_training"


def test_schedule():
    plan = workflow.weekly_training
    assert plan.schedule and plan.schedule.cron_schedule, "weekly_training has no cron schedule"
    found = plan.schedule.cron_schedule.schedule
    runs = croniter(found, MONDAY - timedelta(minutes=1))
    for week in range(60):
        run, wanted = runs.get_next(datetime), MONDAY + timedelta(weeks=week)
        assert run == wanted, f"the schedule {found!r} runs on {run:{FORM}}, not on {wanted:{FORM}}"


def test_inputs():
    found = workflow.weekly_training.saved_inputs
    assert found == {"random_state": 7}, f"its inputs are {found}, not {{'random_state': 7}}"


def test_name():
    names = workflow.weekly_training.name, workflow.nightly_training.name
    assert names[0] != names[1], f"both launch plans are named {names[0]}: the second one would replace the first"


def test_has_a_test(lesson_tests):
    found = lesson_tests("weekly")
    assert found, "no test in tests/ has weekly in its name"
    failed = [name for name, passed in found.items() if not passed]
    assert not failed, f"your test fails: {', '.join(failed)}"


@pytest.mark.parametrize(("day", "schedule"), [("Tuesday at six", "0 6 * * 2"), ("Monday at seven", "0 7 * * 1")])
def test_its_test_sees_another_schedule(day, schedule, lesson_tests):
    found = lesson_tests("weekly", MOVED.format(schedule))
    missed = f"with weekly_training on {day}, {', '.join(found)} still passes: it must compare the schedule"
    assert not all(found.values()), missed
