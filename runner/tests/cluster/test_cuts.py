"""A connection that is cut on the way: what was begun goes on, or ends in one line that says how."""

import re
import sys
import threading

import pytest
from admin import plays
from running import HERE

from runner.cluster import follow
from runner.cluster.connection import Cluster
from runner.cluster.errors import ClusterError, NoAnswer
from runner.cluster.register import main, register
from runner.cluster.start import start
from runner.lesson import Lesson, workflow
from runner.records.run_folder import Run

pytest_plugins = ["reaching"]
pytestmark = pytest.mark.usefixtures("quick")

IMAGES = {"default": f"localhost:30000/example@sha256:{64 * 'a'}"}


@pytest.fixture
def lesson(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(HERE / "example"), *sys.path])
    return Lesson.read(HERE / "example")


def test_a_connection_that_is_cut_while_registering_is_made_again(service, proxy, lesson):
    once = iter([True])

    def fault(name):
        if name == "CreateWorkflow" and next(once, False):
            proxy.cut(for_good=False)

    service.fault = fault
    done = register(Cluster.in_hand(), lesson, IMAGES, "v1")
    assert (done.new + done.unchanged) == {"task": 2, "workflow": 1, "launch plan": 1}
    assert service.calls.count("CreateWorkflow") > 1


def test_a_connection_that_is_cut_for_good_while_registering_is_one_line(service, proxy, lesson):
    service.fault = lambda name: proxy.cut() if name == "CreateWorkflow" else None
    with pytest.raises(NoAnswer) as error:
        register(Cluster.in_hand(), lesson, IMAGES, "v1")
    assert f"the cluster at localhost:{proxy.port} was not reached: the connection was closed; try again" in str(
        error.value
    )


def test_an_outage_while_registering_is_ridden_out(service, proxy, lesson, tmp_path, capsys):
    once = iter([True])

    def fault(name):
        if name == "CreateWorkflow" and next(once, False):
            proxy.cut()
            threading.Timer(0.2, lambda: setattr(proxy, "open", True)).start()

    service.fault = fault
    assert main(lesson, tmp_path, {"version": "v1", "images": IMAGES}) == 0
    said = capsys.readouterr().out
    address = f"the cluster at localhost:{proxy.port}"
    assert f"{address} has not answered since " in said
    assert f"{address} answers again, after " in said
    assert {key[2] for key in service.admin.launch_plans} == {"example_lesson.workflow.greeting_workflow"}


@pytest.fixture
def running(service, proxy, lesson, tmp_path):
    """An execution of the example that has been started, and its run."""
    cluster = Cluster.in_hand().patient()
    register(cluster, lesson, IMAGES, "v1")

    def running(play):
        service.admin.plays = lambda nodes: play
        identifier = start(cluster, lesson, workflow(lesson.entry_point), {"name": "Gentoo"}, "v1")
        run = Run.start(lesson, lesson.entry_point, tmp_path, "make run PROJECT=example REMOTE=1", {})
        run.record.execution = identifier.name
        return lambda: follow.follow(cluster, run, identifier, {})

    return running


def test_an_execution_is_started_once_though_the_connection_is_cut(service, proxy, running):
    once = iter([True])

    def fault(name):
        # After the execution was made, before the client hears of it.
        if name == "GetExecution" and next(once, False):
            proxy.cut(for_good=False)

    service.fault = fault
    running(plays.succeeding(["n0"]))
    assert len(service.admin.executions) == 1


def test_an_outage_while_watching_is_ridden_out_and_told_once(service, proxy, running, capsys):
    looks = iter([False, True])

    def fault(name):
        if name == "GetExecution" and next(looks, False):
            proxy.cut()
            threading.Timer(0.2, lambda: setattr(proxy, "open", True)).start()

    wait = running(plays.succeeding(["n0"]))
    service.fault = fault
    assert wait() == {}
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("the cluster at")]
    assert len(said) == 2
    address = f"the cluster at localhost:{proxy.port}"
    assert re.fullmatch(rf"{address} has not answered since \d\d:\d\d:\d\d; trying for .* minutes", said[0])
    assert re.fullmatch(rf"{address} answers again, after \d+ s", said[1])


def test_a_cut_while_watching_is_waited_out(service, proxy, running):
    cuts = iter([False, True, False, True])
    service.fault = lambda name: proxy.cut(for_good=False) if name == "GetExecution" and next(cuts, False) else None
    assert running(plays.succeeding(["n0", "n1"]))() == {}


@pytest.mark.usefixtures("impatient")
def test_an_outage_while_watching_ends_with_how_to_come_back(service, proxy, running):
    wait = running(plays.hanging("n0"))
    proxy.cut()
    with pytest.raises(ClusterError) as error:
        wait()
    (key,) = service.admin.executions
    assert str(error.value).endswith(
        f"; the execution may go on: watch it again: make watch PROJECT=example EXECUTION={key[2]}; "
        f"end it: make abort PROJECT=example EXECUTION={key[2]}"
    )
