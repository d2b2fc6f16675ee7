"""Executions on a cluster, by the commands that people call: what they print, and what they keep.

Over gRPC, against a stand-in for a cluster that plays executions; outputs are those of the workflow itself.
"""

import re
from types import SimpleNamespace

from admin import plays
from admin.plays import Frame, NodeState
from commands import Commands, cluster, only
from flyteidl.core.execution_pb2 import ExecutionError, TaskExecution
from flyteidl.core.identifier_pb2 import NodeExecutionIdentifier
from flyteidl.event.event_pb2 import ExternalResourceInfo
from rich.console import Console

from runner.cluster.attempts import AttemptRun, in_words
from runner.cluster.node_runs import NodeRun
from runner.cluster.progress import live_table
from runner.records.offline import RULES

__all__ = ["cluster"]  # a fixture


def test_a_run_shows_where_each_node_and_the_outputs(service, cluster):
    done = cluster("run", "--name", "Chinstrap")
    assert (done.returncode, done.stderr) == (0, "")
    name, played = only(service.admin.executions)
    lines = done.stdout.splitlines()
    assert lines[0] == f"http://{service.endpoint}/console/projects/flytesnacks/domains/development/executions/{name}"
    assert lines[1] == f"example: greeting_workflow, version v1, execution {name}"
    assert lines[2] == "waiting up to 60 minutes (WAIT=minutes); Ctrl-C leaves the execution running"
    assert [line.split()[:3] for line in lines[3:-3]] == [
        ["n0", "greet", "starting"],
        ["n0", "greet", "running"],
        ["n0", "greet", "succeeded"],
        ["n1", "measure", "starting"],
        ["n1", "measure", "running"],
        ["n1", "measure", "succeeded"],
    ]
    assert lines[-3:-1] == ["greeting: Hello, Chinstrap!", "length: 17"]
    assert lines[-1].startswith("record: file://")
    assert played.inputs.literals["name"].scalar.primitive.string_value == "Chinstrap"
    assert played.request.spec.launch_plan.version == "v1"


def test_a_run_keeps_a_record_and_its_decks(service, cluster):
    deck = "<p>Hello, Adelie!</p>"
    font = '<link rel="stylesheet" href="https://fonts.example/lato.css">'
    state = NodeState("SUCCEEDED", ["SUCCEEDED"], deck=font + deck)
    service.admin.plays = lambda nodes: [Frame("SUCCEEDED", {"n0": state, "n1": plays.SUCCEEDED})]
    done = cluster("run")
    assert done.returncode == 0, done.stderr
    name, _ = only(service.admin.executions)
    (record,) = cluster.records()
    assert record["status"] == "succeeded"
    assert (record["execution"], record["console"]) == (name, done.stdout.splitlines()[0])
    assert record["command"] == "make run PROJECT=example REMOTE=1"
    assert record["inputs"] == {"name": "Adelie"}
    assert record["outputs"] == {"greeting": "Hello, Adelie!", "length": 14}
    assert [(task["name"], task["status"]) for task in record["tasks"]] == [
        ("greet (n0)", "succeeded"),
        ("measure (n1)", "succeeded"),
    ]
    edges = {fact["id"]: [tuple(edge.values()) for edge in fact["needs"]] for fact in record["graph"]}
    assert edges == {
        "inputs": [],
        "outputs": [("n0", "greeting", "str"), ("n1", "length", "int")],
        "n0": [("inputs", "name", "str")],
        "n1": [("n0", "text", "str")],
    }
    made = {"kind": "task", "task": "n0", "name": "o0", "part": ""}
    assert record["tasks"][1]["sources"] == {"text": [made]}
    assert record["tasks"][0]["sources"] == {"name": [{"kind": "input", "task": "", "name": "name", "part": ""}]}
    assert record["sources"]["greeting"] == [made]
    folder = cluster.out / "example" / record["run"]
    kept = (folder / record["tasks"][0]["deck"]).read_text()
    assert deck in kept
    assert kept.startswith(RULES), "as every deck here, it tells the browser to fetch nothing"
    page = (folder / "index.html").read_text()
    assert record["tasks"][0]["deck"] in page
    assert record["console"] in page
    assert done.stdout.splitlines()[-1] == f"record and decks: {(folder / 'index.html').as_uri()}"


def test_a_deck_that_cannot_be_fetched_is_told_and_fails_nothing(service, cluster):
    service.admin.plays = lambda nodes: [Frame("SUCCEEDED", {"n0": NodeState("SUCCEEDED", ["SUCCEEDED"], deck="x")})]
    service.admin.files = SimpleNamespace(content={})  # what tasks write is lost
    done = cluster("run")
    assert done.returncode == 0
    assert re.search(
        r"^  n0 +greet +deck or data not fetched: .* does not have it: object not found$", done.stdout, re.M
    )


def test_a_retry_is_shown(service, cluster):
    service.admin.plays = lambda nodes: plays.retrying("n0", "Traceback\nMessage:\n\n    OSError: the line broke")
    done = cluster("run")
    assert done.returncode == 0
    assert re.search(r"^  n0 +greet +running attempt 2 +attempt 1 failed: OSError: the line broke$", done.stdout, re.M)
    (record,) = cluster.records()
    assert [task["status"] for task in record["tasks"]] == ["failed", "succeeded"]


def test_watching_what_somebody_else_started_makes_a_record(service, cluster, tmp_path):
    cluster("run")
    name, _ = only(service.admin.executions)
    elsewhere = Commands(tmp_path / "elsewhere")
    done = elsewhere("watch", name)
    assert done.returncode == 0, done.stderr
    (record,) = elsewhere.records()
    assert (record["entry_point"], record["inputs"]) == (
        "example_lesson.workflow:greeting_workflow",
        {"name": "Adelie"},
    )


def test_the_last_attempt_of_a_member_counts_in_whatever_order_they_come():
    first = ExternalResourceInfo(index=0, retry_attempt=0, phase=TaskExecution.FAILED)
    second = ExternalResourceInfo(index=0, retry_attempt=1, phase=TaskExecution.SUCCEEDED)
    assert in_words([first, second]) == in_words([second, first]) == "1 succeeded"


def test_on_a_terminal_there_is_one_table(monkeypatch):
    console = Console(record=True, force_terminal=True, width=100)
    broke = AttemptRun(0, "failed", False, "", 1, ExecutionError(message="E: [/]"), "", {})
    again = AttemptRun(1, "running", False, "", None, None, "", {})
    nodes = [NodeRun(NodeExecutionIdentifier(), "n0", "running", 0, task="greet[x]", attempts=(broke, again))]
    nodes.append(NodeRun(NodeExecutionIdentifier(), "n1", "cannot pull a: [/b]", 0, task="greet"))
    with live_table(console) as show:
        show(nodes)
    text = console.export_text()
    assert re.search(r"n1 +greet +cannot pull a: \[/b\]", text)
    assert re.search(r"n0 +greet\[x\] +running +2 +attempt 1 failed: E: \[/\]", text)
