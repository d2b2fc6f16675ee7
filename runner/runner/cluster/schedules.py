"""Schedules: a lesson's launch plans that a cluster starts by the clock, switched on and off, and what they started."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from flyteidl.admin.common_pb2 import NamedEntityIdentifier, ResourceListRequest
from flyteidl.admin.execution_pb2 import Execution, ExecutionMetadata
from flyteidl.admin.launch_plan_pb2 import (
    ACTIVE,
    INACTIVE,
    ActiveLaunchPlanListRequest,
    LaunchPlan,
    LaunchPlanUpdateRequest,
)
from flyteidl.admin.schedule_pb2 import FixedRateUnit, Schedule

from runner.cluster.connection import Cluster
from runner.cluster.errors import ClusterError
from runner.cluster.phases import phase_of
from runner.cluster.versions import NEWEST_FIRST, launch_plans, to_choose
from runner.lesson import Lesson, workflow

# Scheduled executions that are shown of a launch plan, and executions of it that are looked through for them.
LAST = 5
LOOKED_THROUGH = 500


def words(schedule: Schedule) -> str:
    """When a schedule starts its launch plan; empty if there is none. Flyte's clock is in UTC."""
    kind = schedule.WhichOneof("ScheduleExpression")
    if kind == "rate":
        return f"every {schedule.rate.value} {FixedRateUnit.Name(schedule.rate.unit).lower()}s"
    cron = schedule.cron_schedule.schedule if kind == "cron_schedule" else schedule.cron_expression
    return f"{cron} (UTC)" if cron else ""


def scheduled(plans: Iterator[LaunchPlan], lesson: Lesson) -> list[LaunchPlan]:
    """Those of the launch plans that belong to the lesson and have a schedule."""
    of_lesson = (plan for plan in plans if plan.spec.workflow_id.name.startswith(f"{lesson.package}."))
    return [plan for plan in of_lesson if words(plan.spec.entity_metadata.schedule)]


def registered(cluster: Cluster, lesson: Lesson, version: str) -> list[LaunchPlan]:
    """The lesson's launch plans with a schedule in a version; raises ClusterError if there are none."""
    found = scheduled(launch_plans(cluster, filters=f"eq(version,{version})"), lesson)
    if not found:
        raise ClusterError(
            f"{lesson.name} has no launch plan with a schedule in version {version} in {cluster.project}/"
            f"{cluster.domain}; {to_choose(cluster, lesson.name, workflow(lesson.entry_point).name)}"
        )
    return found


def active(cluster: Cluster, lesson: Lesson) -> list[LaunchPlan]:
    """The lesson's launch plans whose schedules run, in whatever version."""
    request = ActiveLaunchPlanListRequest(project=cluster.project, domain=cluster.domain)
    plans = cluster.pages(cluster.client.list_active_launch_plans_paginated, request, "launch_plans")
    return scheduled(plans, lesson)


def switch(cluster: Cluster, plan: LaunchPlan, state: int) -> None:
    cluster.call(cluster.client.update_launch_plan, LaunchPlanUpdateRequest(id=plan.id, state=state))
    when = words(plan.spec.entity_metadata.schedule)
    print(
        f"{plan.id.name}: {'active' if state == ACTIVE else 'inactive'}, {when}, version {plan.id.version}", flush=True
    )


def activate(lesson: Lesson, out: Path, facts: dict[str, Any]) -> int:
    """Activates the schedules of a version, and deactivates those that only other versions have."""
    cluster = Cluster.in_hand()
    plans = registered(cluster, lesson, facts["version"])
    for plan in plans:
        switch(cluster, plan, ACTIVE)
    # Flyte deactivates other versions of the same launch plan, but not a plan that was renamed or has been removed.
    names = {plan.id.name for plan in plans}
    for plan in active(cluster, lesson):
        if plan.id.name not in names:
            switch(cluster, plan, INACTIVE)
    return 0


def deactivate(lesson: Lesson, out: Path, facts: dict[str, Any]) -> int:
    """Stops the schedules of the lesson, in whatever version they run."""
    cluster = Cluster.in_hand()
    plans = active(cluster, lesson)
    for plan in plans:
        switch(cluster, plan, INACTIVE)
    if not plans:
        print(f"no schedule of {lesson.name} is active in {cluster.project}/{cluster.domain}")
    return 0


def started(cluster: Cluster, plan: str) -> Iterator[Execution]:
    """What the schedule of a launch plan started, the newest first."""
    request = ResourceListRequest(
        id=NamedEntityIdentifier(project=cluster.project, domain=cluster.domain),
        filters=f"eq(launch_plan.name,{plan})",
        sort_by=NEWEST_FIRST,
    )
    every = cluster.pages(cluster.client.list_executions_paginated, request, "executions")
    looked_through = islice(every, LOOKED_THROUGH)
    return (one for one in looked_through if one.spec.metadata.mode == ExecutionMetadata.SCHEDULED)


def show(lesson: Lesson, out: Path, facts: dict[str, Any]) -> int:
    """Prints the lesson's schedules that run, and the last executions that each has started."""
    cluster = Cluster.in_hand()
    plans = active(cluster, lesson)
    if not plans:
        print(f"no schedule of {lesson.name} is active; switch it on: make activate PROJECT={lesson.name}")
    for plan in plans:
        print(f"{plan.id.name}: active, {words(plan.spec.entity_metadata.schedule)}, version {plan.id.version}")
        executions = list(islice(started(cluster, plan.id.name), LAST))
        for one in executions:
            created = one.closure.created_at.ToDatetime()
            print(f"  {created:%Y-%m-%d %H:%M} UTC  {phase_of(one):<10} {one.id.name}  {cluster.console_of(one.id)}")
        if not executions:
            print("  has not started anything yet")
    return 0
