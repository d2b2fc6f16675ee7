"""A workflow with two schedules, and a launch plan without one."""

from datetime import timedelta

from flytekit import CronSchedule, FixedRate, LaunchPlan, task, workflow


@task
def say(day: str) -> str:
    return day


@workflow
def report(day: str = "Monday") -> str:
    return say(day=day)


nightly = LaunchPlan.get_or_create(name="nightly", workflow=report, schedule=CronSchedule(schedule="0 2 * * *"))
often = LaunchPlan.get_or_create(
    name="often", workflow=report, default_inputs={"day": "today"}, schedule=FixedRate(timedelta(hours=6))
)
by_hand = LaunchPlan.get_or_create(name="by_hand", workflow=report, default_inputs={"day": "Friday"})
