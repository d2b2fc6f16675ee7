"""The recorded executions of a real cluster: what is printed of each, what is recorded, and how the command ends."""

import re
from pathlib import Path

import pytest
from admin.replay import NAMES, recording
from flyteidl.admin.task_pb2 import TaskCreateRequest
from flyteidl.core.execution_pb2 import ExecutionError
from flyteidl.core.tasks_pb2 import Resources

from runner.cluster.messages import next_step, why
from runner.cluster.waiting import waits
from runner.records.data import STORED, VALUE, Source
from runner.records.lineage import Lineage

pytest_plugins = ["recordings"]

TEXT = Path(__file__).with_name("recordings.txt").read_text()
TOLD = dict(section.split("\n", 1) for section in re.split(r"^== ", TEXT, flags=re.MULTILINE)[1:])
DIGEST = "sha256:d87c4a5ec594996a83775d673983ee6d960f5db8ea6a99e3124b56c48673f7ae"


def test_every_recording_has_its_text():
    assert len(NAMES) == 22
    assert list(TOLD) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_what_is_printed_and_recorded(name, watch):
    told = re.sub(r"localhost:\d+ does", "localhost:PORT does", watch(name).told())
    assert told.splitlines() == TOLD[name].rstrip().splitlines()


def test_lists_that_come_in_pages_give_the_same(service, watch):
    service.admin.largest_page = 1
    assert watch("retries_in_dynamic").told().splitlines() == TOLD["retries_in_dynamic"].rstrip().splitlines()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sibling_aborted", "    ValueError: on purpose\n    second line\n    third line"),
        ("exit_3", "Unclosed client session"),
        ("map_failed", "[3]: Trace:"),
        ("spark_without_operator", "at java.base/java.lang.Thread.run(Unknown Source)"),
        ("dynamic_child_failed", "task clean_up (node fn0):\nTrace:"),
    ],
)
def test_the_whole_error_is_in_a_file(name, words, watch):
    assert words in (watch(name).folder / "error.txt").read_text()


def test_a_task_of_a_dynamic_workflow_is_recorded_as_it_was_registered(watch):
    record = watch("retries_in_dynamic").record
    trial = next(task for task in record.tasks if task.name == "run_trial (n1-0-dn0)")
    assert (trial.image, trial.image_id) == ("localhost:30000/recovering-executions", DIGEST)
    assert trial.requests == {"cpu": "500m", "memory": "400Mi"}
    assert trial.limits == {"cpu": "1", "memory": "800Mi"}
    assert trial.task == "recovering_executions.workflow.run_trial"
    assert trial.sources["train"] == [Source("body", "n1")]
    assert trial.interface["outputs"] == {"o0": VALUE}
    assert trial.interface["inputs"]["train"] == STORED


def test_the_record_says_where_values_and_logs_are_and_when_it_ran(watch):
    watched = watch("retries_in_dynamic")
    trials = [task for task in watched.record.tasks if task.id == "n1-0-dn1"]
    store = "s3://my-s3-bucket/metadata/propeller/flytesnacks-development-r0a25e740597c692bdf/n1/data/0/dn1"
    assert [sorted(task.addresses) for task in trials] == [["inputs", "log", "outputs"]]
    assert trials[0].addresses["inputs"] == f"{store}/inputs.pb"
    assert trials[0].addresses["log"] in (watched.folder / "index.html").read_text()
    assert (watched.record.started, watched.record.seconds) == ("2026-11-29T23:30:34.108+00:00", 47.890979)
    assert watched.record.ended == "2026-11-29T23:31:21.998+00:00", "not when it was watched"


def test_the_record_does_not_name_this_machine_as_the_runs(watch):
    facts = watch("succeeded").record.provenance
    assert facts["version"] == "63d7cbd0f8f9"
    assert {name for name, value in facts.items() if value != "unknown"} == {"version"}
    assert {"python", "packages", "platform", "code sha256"} <= facts.keys()


def test_the_lineage_of_an_execution_names_its_values_and_does_not_claim_that_there_are_none(watch):
    watched = watch("succeeded")
    lines = Lineage(watched.folder, watched.record).lines
    assert lines[-1] == "10 stored values and files could not be read from this machine: not checked"
    assert not any("no inputs" in line for line in lines), "what they read is not known"
    assert any("outputs: s3://my-s3-bucket/metadata/propeller/" in line for line in lines)


def test_system_retries_are_told_apart_on_the_page(watch):
    watched = watch("system_retries")
    page = (watched.folder / "index.html").read_text()
    assert "attempt 4 of 4: 3 system retries" in page
    assert [task.status for task in watched.record.tasks[:4]] == ["system failure"] * 4


def test_the_limit_of_a_task_that_was_out_of_memory_is_named_if_it_is_known(service, watch):
    # The task itself was not recorded: the test registers it, as it was registered then.
    task = recording("out_of_memory").node("n0").tasks[0].id.task_id
    request = TaskCreateRequest(id=task)
    request.spec.template.id.CopyFrom(task)
    request.spec.template.metadata.retries.retries = 1
    request.spec.template.container.resources.limits.add(name=Resources.MEMORY, value="300Mi")
    service.admin.CreateTask(request, None)
    line = watch("out_of_memory").line
    assert "failed in attempt 2, retries=1: out of memory (OOMKilled), limit 300Mi; raise the limit in" in line


def test_words_for_every_reason_that_was_recorded():
    recorded = [task for name in NAMES for node in recording(name).nodes for task in node.tasks]
    found = {reason.message for task in recorded for reason in task.closure.reasons}
    short = {re.sub(r"\[\w+-f?n[\w-]+\]", "[pod]", reason)[:90]: waits(reason) for reason in found}
    assert short == {
        "task submitted to K8s": "starting",
        "Demistify Pending": "starting",
        "[ContainersNotReady|ContainerCreating]: containers with unready status: [pod]|": "starting",
        "Scheduling": "starting",
        "cluster is creating": "starting",
        "job queued": "starting",
        "job submitted": "starting",
        "Unschedulable:0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, pr": (
            "waits for room: not enough CPU"
        ),
        "Unschedulable:0/1 nodes are available: 1 Insufficient nvidia.com/gpu. no new claims to dea": (
            "waits for a GPU: no node has one"
        ),
    }


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (
            "Unschedulable:0/2 nodes are available: 1 Insufficient cpu, 2 Insufficient memory. preemption: no",
            "waits for room: not enough CPU and memory",
        ),
        (
            '[ContainersNotReady|ErrImagePull]: containers with unready status: [x]|Back-off pulling image "a/b:1": '
            "ErrImagePull: failed to resolve reference: a/b:1: not found",
            "cannot pull a/b:1: not found",
        ),
        ('pods "x" is forbidden: exceeded quota: project-quota', "waits for room: the quota of the project is used up"),
        ("Unschedulable:0/1 nodes: a taint", "waits for room: 0/1 nodes: a taint"),
        ("something new", "starting: something new"),
        ("", "starting"),
    ],
)
def test_words_for_reasons_that_were_never_recorded(reason, words):
    assert waits(reason) == words


@pytest.mark.parametrize(
    ("code", "message", "line"),
    [
        ("Error", "\r\n[p] terminated with exit code (137). Reason [Error]. Message: \n\nround 3\n.", "137 (killed)"),
        ("Error", "\r\n[p] terminated with exit code (247). Reason [Error]. Message: \n\nround 3\n.", "137 (killed)"),
        ("OutputsNotFound", "Outputs not generated by task execution", "exit status 0 and no result"),
        ("", "task execution timeout [20s] expired", "it took longer than its timeout of 20 s"),
        ("", "Timeout in node", "it took longer than all its attempts may together"),
        ("", "[7]: \r\n[p] terminated with exit code (3). Reason [Error]. Message: \n\n.", "member 7: it ended with"),
        ("", "".join(f"[{n}]: Message:\n\n    E: {n}\n" for n in range(9)), "member 2: E: 2; 6 more members failed"),
        ("", "Message:\n\n    E: An error\n    Caused by: x.A: one\n    \tat y\n    Caused by: x.B: two\n", "x.B: two"),
    ],
)
def test_words_for_failures_that_were_never_recorded(code, message, line):
    assert line in why(ExecutionError(code=code, message=message))


@pytest.mark.parametrize(
    ("message", "step"),
    [
        ('no matches for kind "SparkApplication" in version "sparkoperator/v1beta2"', "make sandbox-up SPARK=1"),
        ("Class org.apache.hadoop.fs.s3a.S3AFileSystem not found", "make jars"),
        ('pods "x" is forbidden: exceeded quota: project-quota, requested: cpu=2', "raise the quota of the project"),
        ("max number of system retry attempts [30/10] exhausted - system failure.", "recover the execution"),
        ("ValueError: odd", ""),
    ],
)
def test_next_steps_for_failures_that_were_never_recorded(message, step):
    assert step in next_step(message)
    assert bool(step) == bool(next_step(message))
