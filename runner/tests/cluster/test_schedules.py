"""Schedules on a cluster: switched on, off, and what they started."""

import sys

import pytest
from flyteidl.admin.execution_pb2 import ExecutionCreateRequest, ExecutionMetadata
from running import HERE, IMAGES

from runner.cluster import schedules
from runner.cluster.connection import Cluster
from runner.cluster.errors import ClusterError
from runner.cluster.register import register
from runner.lesson import Lesson

HOURS = {"nightly": "0 2 * * * (UTC)", "often": "every 6 hours"}


@pytest.fixture
def lesson(service, monkeypatch):
    """A lesson with two schedules, registered in two versions; lists come in pages of two."""
    service.admin.largest_page = 2
    monkeypatch.setattr(sys, "path", [str(HERE / "scheduled"), *sys.path])
    lesson = Lesson.read(HERE / "scheduled")
    for version in ("v1", "v2"):
        register(Cluster.in_hand(), lesson, IMAGES, version)
    return lesson


@pytest.fixture
def do(lesson, tmp_path, capsys):
    """Does something with the lesson's schedules in a version, and returns the lines that it prints."""

    def do(what, version="v1"):
        assert what(lesson, tmp_path, {"version": version}) == 0
        return capsys.readouterr().out.splitlines()

    return do


def running(service):
    return {(key[2], key[3]) for key, state in service.admin.states.items() if state}


def test_nothing_runs_until_it_is_switched_on(service, do):
    assert running(service) == set()
    assert do(schedules.show) == ["no schedule of scheduled is active; switch it on: make activate PROJECT=scheduled"]


def test_a_plan_that_asks_for_it_is_switched_on_when_it_is_registered(service, lesson, monkeypatch):
    monkeypatch.setattr(sys.modules["scheduled_lesson.workflow"].often, "_auto_activate", True)
    register(Cluster.in_hand(), lesson, IMAGES, "v3")
    assert running(service) == {("often", "v3")}


def test_schedules_of_one_version_run_at_a_time(service, do):
    told = do(schedules.activate, "v1")
    assert sorted(told) == [f"{name}: active, {when}, version v1" for name, when in HOURS.items()]
    assert running(service) == {("nightly", "v1"), ("often", "v1")}
    do(schedules.activate, "v2")
    assert running(service) == {("nightly", "v2"), ("often", "v2")}


def test_they_are_switched_off_in_whatever_version_they_run(service, do):
    do(schedules.activate, "v2")
    told = do(schedules.deactivate, "v1")
    assert sorted(told) == [f"{name}: inactive, {when}, version v2" for name, when in HOURS.items()]
    assert running(service) == set()
    assert do(schedules.deactivate) == ["no schedule of scheduled is active in flytesnacks/development"]


def test_schedules_that_a_new_version_no_longer_has_are_switched_off(service, do):
    do(schedules.activate, "v1")
    for plans in (service.admin.launch_plans, service.admin.states):
        old = [key for key in plans if key[2:] == ("nightly", "v2")]
        for key in old:
            del plans[key]
    told = do(schedules.activate, "v2")
    assert told == [
        f"often: active, {HOURS['often']}, version v2",
        f"nightly: inactive, {HOURS['nightly']}, version v1",
    ]
    assert running(service) == {("often", "v2")}


def start(service, plan, mode):
    request = ExecutionCreateRequest(project="flytesnacks", domain="development")
    key = ("flytesnacks", "development", plan, "v1")
    request.spec.launch_plan.CopyFrom(service.admin.launch_plans[key].id)
    request.spec.metadata.mode = mode
    return service.admin.CreateExecution(request, None).id.name


def test_the_last_executions_are_shown_but_none_that_somebody_started(service, do):
    do(schedules.activate)
    scheduled = [start(service, "nightly", ExecutionMetadata.SCHEDULED) for _ in range(schedules.LAST + 2)]
    start(service, "nightly", ExecutionMetadata.MANUAL)
    lines = do(schedules.show)
    at = lines.index("nightly: active, 0 2 * * * (UTC), version v1")
    shown = lines[at + 1 : at + 1 + schedules.LAST]
    assert [line.split()[4] for line in shown] == scheduled[:-6:-1]
    assert all(line.startswith("  2023-11-14 22:13 UTC  queued ") for line in shown)
    assert shown[0].endswith(f"/console/projects/flytesnacks/domains/development/executions/{scheduled[-1]}")
    assert "  has not started anything yet" in lines


def test_a_version_that_is_not_registered_has_none(lesson, tmp_path):
    with pytest.raises(ClusterError) as error:
        schedules.activate(lesson, tmp_path, {"version": "v3"})
    assert str(error.value) == (
        "scheduled has no launch plan with a schedule in version v3 in flytesnacks/development; "
        "registered are v2, v1; name one of them by VERSION=…, or register this tree: make register PROJECT=scheduled"
    )
