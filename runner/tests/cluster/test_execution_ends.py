"""How executions on a cluster end: failures, an interruption, a wait that is over; and what is done about them."""

import re
import signal

import pytest
from admin import plays
from admin.plays import Frame, NodeState
from commands import FACTS, NAME, Commands, cluster, compute, only

from runner.cluster.connection import Cluster
from runner.cluster.register import register
from runner.records.run_folder import runs_of

__all__ = ["cluster"]  # a fixture


def test_the_error_of_a_node_without_attempts_arrives_whole(service, cluster):
    # Longer than what a list of nodes has of it.
    error = f"the node could not be started: {'x' * 200}"
    service.admin.plays = lambda nodes: [Frame("FAILED", {"n1": NodeState("FAILED", error=error)}, error)]
    done = cluster("run")
    assert done.returncode == 1
    (record,) = cluster.records()
    file = cluster.out / "example" / record["run"] / "error.txt"
    line = f"make run: task measure (node n1) failed in attempt 1, retries=0: {error} (all of it: {file})"
    assert done.stderr.splitlines() == [line]
    assert record["status"] == "failed"


def test_an_error_of_one_long_line_is_short_on_the_terminal_and_whole_in_its_file(service, cluster):
    service.admin.plays = lambda nodes: plays.failing(nodes[0], "x" * 300_000)
    done = cluster("run")
    assert done.returncode == 1
    assert len(done.stdout + done.stderr) < 2000
    (record,) = cluster.records()
    assert "x" * 300_000 in (cluster.out / "example" / record["run"] / "error.txt").read_text()


def test_an_error_of_the_code_itself_arrives(service, cluster):
    done = cluster("run", "--name", "")
    assert done.returncode == 1
    assert "a name must have at least one letter" in done.stderr.splitlines()[0]


def test_a_node_whose_time_is_over_has_failed_which_was_never_recorded(service, cluster):
    service.admin.plays = lambda nodes: plays.timed_out("n0")
    done = cluster("run")
    assert done.returncode == 1
    assert done.stderr.startswith("make run: task greet (node n0) failed in attempt 1, retries=0: it took longer than ")
    assert cluster.records()[0]["status"] == "failed"


def test_a_wrong_wait_is_told_before_anything_is_started(service, cluster):
    done = cluster("run", WAIT="soon")
    assert (done.returncode, done.stderr) == (
        2,
        "make run: WAIT=soon is not a number of minutes; write WAIT=90\n",
    )
    assert not service.admin.executions


def test_ctrl_c_leaves_the_execution_running_and_watch_takes_it_up(service, cluster):
    service.admin.plays = lambda nodes: plays.hanging("n0")
    process = cluster.start("run")
    for line in process.stdout:
        if line.split()[:1] == ["n0"]:
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    name, played = only(service.admin.executions)
    assert process.returncode == 130
    assert errors.strip() == (
        "make run: no longer watching; the execution keeps running; "
        f"watch it again: make watch PROJECT=example EXECUTION={name}; "
        f"end it: make abort PROJECT=example EXECUTION={name}"
    )
    assert not service.admin.ended
    played.play, played.outputs = plays.succeeding(["n0", "n1"]), compute(NAME, played.inputs)
    done = cluster("watch", name)
    assert done.returncode == 0, done.stderr
    assert "greeting: Hello, Adelie!" in done.stdout
    (record,) = cluster.records()
    assert record["status"] == "succeeded"
    assert record["continued"][0].endswith(f"make watch PROJECT=example EXECUTION={name}")


def test_abort_ends_an_execution_once(service, cluster):
    service.admin.plays = lambda nodes: plays.hanging("n0")
    cluster("run", WAIT="0.005")
    name, _ = only(service.admin.executions)
    done = cluster("abort", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert service.admin.ended[0].cause.startswith("make abort, by ")
    again = cluster("abort", name)
    assert (again.returncode, again.stderr) == (2, f"make abort: execution {name} is over already: aborted\n")
    assert cluster("watch", name).returncode == 1


def test_a_user_without_a_name_on_this_machine_can_abort(service, cluster):
    service.admin.plays = lambda nodes: plays.hanging("n0")
    cluster("run", WAIT="0.005")
    name, _ = only(service.admin.executions)
    nobody = "import os; os.getuid = lambda: 54321; names = ('LOGNAME', 'USER', 'LNAME', 'USERNAME')\n"
    done = cluster("abort", name, code=nobody + "[os.environ.pop(name, None) for name in names]\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert service.admin.ended[0].cause == "make abort, by user 54321"


def test_recover_starts_an_execution_that_takes_over(service, cluster):
    service.admin.plays = lambda nodes: plays.failing("n1", "OSError: the line broke")
    cluster("run")
    failed, _ = only(service.admin.executions)
    service.admin.plays = lambda nodes: [Frame("SUCCEEDED", {"n0": NodeState("RECOVERED"), "n1": plays.SUCCEEDED})]
    done = cluster("recover", failed)
    assert (done.returncode, done.stderr) == (0, "")
    (request,) = service.admin.recovered
    assert request.id.name == failed
    assert re.search(r"^  n0 +greet +recovered ", done.stdout, re.M)
    assert "length: 14" in done.stdout
    assert [record["execution"] for record in cluster.records()] == [failed, request.name]
    again = cluster("recover", request.name)
    assert again.returncode == 2
    assert again.stderr == f"make recover: execution {request.name} has succeeded, there is nothing to recover\n"


def test_an_answer_to_recover_that_is_lost_is_no_failure(service, cluster):
    service.admin.plays = lambda nodes: plays.failing("n1", "OSError: the line broke")
    cluster("run")
    failed, _ = only(service.admin.executions)
    service.admin.plays = plays.succeeding
    service.lost = ["RecoverExecution"]
    done = cluster("recover", failed)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(service.admin.recovered) > 1
    assert len(service.admin.executions) == 2


@pytest.mark.parametrize("verb", ["watch", "recover", "abort"])
def test_an_unknown_execution_is_one_line(service, cluster, verb):
    done = cluster(verb, "nobody")
    assert done.returncode == 2
    assert re.fullmatch(
        rf"make {verb}: there is no execution 'nobody' in flytesnacks/development; Flyte's console lists them: .*\n",
        done.stderr,
    )


def test_what_is_not_registered_is_not_run(service, tmp_path):
    done = Commands(tmp_path)("run")
    assert done.returncode == 2
    assert done.stderr == (
        "make run: greeting_workflow is not registered in version v1 in flytesnacks/development; "
        "no version of it is registered; register it: make register PROJECT=example\n"
    )
    assert not (tmp_path / "example").exists()


def test_of_a_lesson_in_other_versions_these_are_named(service, cluster, lesson):
    register(Cluster.in_hand(), lesson, FACTS["images"], "v2-fast")
    done = cluster("run", version="v3")
    assert done.stderr == (
        "make run: greeting_workflow is not registered in version v3 in flytesnacks/development; registered are "
        "v2-fast (FAST=1), v1; name one of them by VERSION=…, or register this tree: make register PROJECT=example\n"
    )


def test_a_bad_input_is_flytes_own_usage_error_and_needs_no_cluster(tmp_path):
    done = Commands(tmp_path)("run", "--nmae", "x", FLYTE_PLATFORM_URL="localhost:9", FLYTE_PLATFORM_INSECURE="true")
    assert done.returncode == 2
    assert "No such option" in done.stderr
    assert "--nmae" in done.stderr


def test_a_run_on_a_cluster_is_none_to_recover_here(service, cluster, lesson):
    service.admin.plays = lambda nodes: plays.failing("n0", "OSError")
    cluster("run")
    assert cluster.records()
    assert list(runs_of(lesson, cluster.out)) == []
