"""Exercise 4: a second launch plan, weekly, with a test."""

from flyte_basics import workflow

CRON = "0 6 * * 1"


def test_begun():
    assert hasattr(workflow, "weekly_training"), "flyte_basics/workflow.py has no weekly_training"


def test_schedule():
    plan = workflow.weekly_training
    assert plan.schedule, "weekly_training has no schedule"
    found = plan.schedule.cron_schedule.schedule
    minute, hour = [*found.split(), "", ""][:2]
    assert found.upper().replace("MON", "1") == CRON, (
        f"the schedule is {found!r}: minute {minute} of hour {hour}; Monday at six is {CRON!r}"
    )


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
