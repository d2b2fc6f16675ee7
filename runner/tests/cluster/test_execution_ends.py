"""How executions on a cluster end: failures, an interruption, a wait that is over; and what is done about them."""

import re
import signal

import pytest
from admin import plays
from admin.plays import Frame, NodeState
from commands import EXAMPLE, NAME, Commands, cluster, compute, only

from runner.lesson import Lesson
from runner.records.run_folder import runs_of

__all__ = ["cluster"]  # a fixture


def test_a_failure_names_the_task_the_attempt_and_the_errors_last_lines(service, cluster):
    # Longer than what a list of nodes has of it.
    trace = "".join(f"      File lesson.py, line {number}\n" for number in range(9))
    error = f"Trace:\n\n    Traceback:\n{trace}\nMessage:\n\n    ValueError: first line\n      second line\n"
    service.admin.plays = lambda nodes: plays.failing("n1", error, attempts=3)
    done = cluster("run")
    assert done.returncode == 1
    (record,) = cluster.records()
    file = cluster.out / "example" / record["run"] / "error.txt"
    assert done.stderr.splitlines() == [
        f"make run: task measure (node n1) failed in attempt 3, retries=0: second line (all of it: {file})",
        "  ValueError: first line",
        "    second line",
    ]
    assert "Traceback" in file.read_text()
    assert record["status"] == "failed"


def test_of_nodes_inside_one_another_the_innermost_is_named(service, cluster):
    # As Flyte calls what is deep inside: by a hash.
    deepest = {"fq3x2a": NodeState("FAILED", ["FAILED"], "OSError: the line broke")}
    inner = {"n0-0-dn0": NodeState("FAILED", ["FAILED"], "failed at Node[fq3x2a]", children=deepest)}
    state = NodeState("FAILED", ["FAILED"], "failed at Node[dn0]", children=inner)
    service.admin.plays = lambda nodes: [Frame("FAILED", {"n0": state}, "failed at Node[n0]")]
    done = cluster("run")
    assert done.returncode == 1
    assert "(node fq3x2a) failed in attempt 1" in done.stderr
    assert "OSError: the line broke" in done.stderr


def test_an_error_of_the_code_itself_arrives(service, cluster):
    done = cluster("run", "--name", "")
    assert done.returncode == 1
    assert "a name must have at least one letter" in done.stderr.splitlines()[0]


@pytest.mark.parametrize(
    ("play", "line", "status"),
    [
        (
            lambda nodes: plays.aborted("n0", "too expensive"),
            r"make run: the execution was aborted by somebody: too expensive \(all of it: .*\)",
            "aborted",
        ),
        (
            lambda nodes: plays.out_of_time("n0", attempts=2),
            r"make run: task greet \(node n0\) timed out in attempt 2, retries=0: task .* timeout \[10s\] expired .*",
            "failed",
        ),
        (
            lambda nodes: plays.timed_out("n0"),
            r"make run: task greet \(node n0\) timed out in attempt 1, retries=0: Timeout in node .*",
            "failed",
        ),
        (
            lambda nodes: plays.failing(
                "n0", 'no matches for kind "SparkApplication" in version "sparkoperator/v1beta2"'
            ),
            r"make run: task greet .*; the cluster has no Spark operator, .*: make sandbox-up SPARK=1 .*",
            "failed",
        ),
        (
            lambda nodes: plays.failing("n0", 'pods "x" is forbidden: exceeded quota: project-quota, requested: cpu=2'),
            r"make run: task greet .* exceeded quota: .*; raise the quota of the project, or lower what .*",
            "failed",
        ),
    ],
)
def test_other_ends_are_one_line_each(service, cluster, play, line, status):
    service.admin.plays = play
    done = cluster("run")
    assert done.returncode == 1
    assert re.fullmatch(line, done.stderr.splitlines()[0])
    assert cluster.records()[0]["status"] == status


def test_why_a_node_waits_is_shown_and_the_wait_has_an_end(service, cluster):
    service.admin.plays = lambda nodes: plays.hanging("n0", "containers with unready status: ImagePullBackOff")
    done = cluster("run", WAIT="0.02")
    name, _ = only(service.admin.executions)
    assert done.returncode == 2
    assert re.search(r"^  n0 +greet +queued +containers with unready status: ImagePullBackOff$", done.stdout, re.M)
    assert done.stderr == (
        f"make run: still running after 0.02 minutes; watch it again: make watch PROJECT=example EXECUTION={name}; "
        f"end it: make abort PROJECT=example EXECUTION={name}\n"
    )
    assert cluster.records()[0]["status"] == "interrupted"


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
        "register it: make register PROJECT=example, or name a version that is: VERSION=…\n"
    )
    assert not (tmp_path / "example").exists()


def test_a_bad_input_is_flytes_own_usage_error_and_needs_no_cluster(tmp_path):
    done = Commands(tmp_path)("run", "--nmae", "x", FLYTE_PLATFORM_URL="localhost:9", FLYTE_PLATFORM_INSECURE="true")
    assert done.returncode == 2
    assert "No such option" in done.stderr
    assert "--nmae" in done.stderr


def test_a_run_on_a_cluster_is_none_to_recover_here(service, cluster):
    service.admin.plays = lambda nodes: plays.failing("n0", "OSError")
    cluster("run")
    assert cluster.records()
    assert list(runs_of(Lesson.read(EXAMPLE), cluster.out)) == []
