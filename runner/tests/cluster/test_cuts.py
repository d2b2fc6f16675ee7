"""A connection that is cut on the way: what was begun goes on, or ends in one line that says how."""

import re

import pytest
from admin import plays
from running import IMAGES

from runner.cluster import follow
from runner.cluster.connection import Cluster
from runner.cluster.errors import ClusterError, NoAnswer
from runner.cluster.register import main, register
from runner.cluster.start import start
from runner.lesson import workflow
from runner.records.run_folder import Run

pytest_plugins = ["reaching"]
pytestmark = pytest.mark.usefixtures("quick")


def at(call, *faults):
    """What the service does at each call of this name: one fault after another, then none; None is none."""
    left = iter(faults)

    def fault(name):
        if name == call and (now := next(left, None)):
            now()

    return fault


@pytest.fixture
def cut(proxy):
    """Drops every connection; new ones can be made."""
    return lambda: proxy.cut(for_good=False)


def test_a_connection_that_is_cut_while_registering_is_made_again(service, cut, lesson):
    service.fault = at("CreateWorkflow", cut)
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
    service.fault = at("CreateWorkflow", proxy.cut_for_a_moment)
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


def test_an_execution_is_started_once_though_the_connection_is_cut(service, cut, running):
    service.fault = at("GetExecution", cut)  # after the execution was made, before the client hears of it
    running(plays.succeeding(["n0"]))
    assert len(service.admin.executions) == 1


def test_an_outage_while_watching_is_ridden_out_and_told_once(service, proxy, running, capsys):
    wait = running(plays.succeeding(["n0"]))
    service.fault = at("GetExecution", None, proxy.cut_for_a_moment)
    assert wait() == {}
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("the cluster at")]
    assert len(said) == 2
    address = f"the cluster at localhost:{proxy.port}"
    assert re.fullmatch(rf"{address} has not answered since \d\d:\d\d:\d\d; trying for .* minutes", said[0])
    assert re.fullmatch(rf"{address} answers again, after \d+ s", said[1])


def test_a_cut_while_watching_is_waited_out(service, cut, running):
    service.fault = at("GetExecution", None, cut, None, cut)
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
