"""Executions of other code than that on this machine, and of a newer cluster: what is not known is shown as it is."""

import shutil

import pytest
from admin.replay import recording
from commands import EXAMPLE, Commands, cluster, only
from flyteidl.admin.execution_pb2 import Execution
from flyteidl.core.literals_pb2 import Literal
from flytekit.models.literals import Literal as LiteralModel

from runner.cluster.attempts import attempt_run
from runner.cluster.connection import Cluster
from runner.cluster.nodes import Nodes
from runner.cluster.outputs import python_value
from runner.cluster.phases import phase_of, phase_of_member, phase_of_node

__all__ = ["cluster"]  # a fixture

# What was done to the code of the example since the execution was started.
CHANGES = {
    "the type of an output": ("workflow.py", "length: int", "length: dict[str, list[int]]"),
    "a class that an output needs": ("workflow.py", "class Greeting(NamedTuple):", "class Greeting(Removed):"),
    "the name of the workflow": ("workflow.py", "def greeting_workflow", "def greetings"),
    "something else in its place": ("workflow.py", "@workflow\n", ""),
    "the name of the module": ("greetings.py", "", ""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_watch_shows_outputs_whatever_has_become_of_the_code(service, cluster, tmp_path, change):
    file, old, new = CHANGES[change]
    cluster("run", "--name", "Chinstrap")
    name, _ = only(service.admin.executions)
    lesson = tmp_path / "example"
    package = shutil.copytree(EXAMPLE, lesson) / "example_lesson"
    text = (package / "workflow.py").read_text()
    (package / "workflow.py").unlink()
    assert old in text
    (package / file).write_text(text.replace(old, new))
    elsewhere = Commands(tmp_path / "elsewhere", lesson)
    done = elsewhere("watch", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-3:-1] == ["greeting: Hello, Chinstrap!", "length: 17"]
    (record,) = elsewhere.records()
    assert (record["status"], record["outputs"]) == ("succeeded", {"greeting": "Hello, Chinstrap!", "length": 17})


def test_a_literal_of_another_type_is_shown_as_text():
    literal = Literal()
    literal.scalar.primitive.string_value = "three"
    assert python_value(LiteralModel.from_flyte_idl(literal), str) == "three"
    assert python_value(LiteralModel.from_flyte_idl(literal), int) == "three"
    literal.collection.literals.add().scalar.primitive.integer = 3
    assert python_value(LiteralModel.from_flyte_idl(literal), int) == [3]


def test_a_phase_that_this_client_does_not_know_is_a_number():
    execution = Execution()
    execution.closure.phase = 17
    assert phase_of(execution) == "phase 17"
    assert phase_of_node(17) == "phase 17"
    assert phase_of_member(17) == "phase 17"
    (task, *_) = (task for node in recording("exit_3").nodes for task in node.tasks)
    task.closure.phase = 17
    found = attempt_run(task)
    assert (found.status, found.waits) == ("phase 17", False)


def test_a_node_in_such_a_phase_is_not_over(service):
    recorded = recording("exit_3")
    recorded.node("n0").node.closure.phase = 17
    service.admin.recordings[recorded.name] = recorded
    looked = {node.name: node for node in Nodes(Cluster.in_hand()).look(recorded.execution)}
    assert (looked["n0"].status, looked["n0"].over) == ("phase 17", False)
