"""The harness runs what the cluster would: values, retries, timeouts, checkpoints, recovery after a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cases
import pytest
from flyteidl.core.tasks_pb2 import Resources
from workshop.harness import nodes, usage, walk
from workshop.harness.attempts import Call, OtherInputs, TaskFailed, read_outcome
from workshop.harness.graph import compiled
from workshop.harness.launchers import MEMORY, Exit, ProcessLauncher, limits, out_of_memory
from workshop.harness.recovery import give_up

HERE = Path(__file__).parent
IMAGES = {"default": "localhost:30000/example:1"}


@pytest.fixture
def execute(tmp_path):
    def execute(workflow, **inputs):
        attempts = []
        folder = tmp_path / "run"
        execution = walk.execute(workflow, inputs, folder, ProcessLauncher(HERE), IMAGES, attempts.append)
        assert attempts == execution.attempts
        return execution

    return execute


def outcomes(execution: walk.Execution) -> list[tuple[str, str]]:
    return [(attempt.task, attempt.outcome) for attempt in execution.attempts]


def test_every_kind_of_binding_gives_what_a_call_of_the_workflow_gives(execute):
    settings = cases.Settings(step=100, label="numbers")
    execution = execute(cases.wide, x=2, settings=settings)
    assert tuple(execution.outputs.values()) == cases.wide(x=2, settings=settings)
    assert list(execution.outputs.values()) == [
        4 + 40 + 5 + 100,
        7 + 70 + 1000 + 5 + 100,
        "numbers: [('a', 4), ('b', 149)]",
    ]


def test_attempts_name_the_node_inside_sub_workflows_and_the_deck(execute):
    execution = execute(cases.wide, x=2, settings=cases.Settings(step=1, label="x"))
    nodes = {attempt.node: attempt for attempt in execution.attempts}
    assert {"n0", "n1/n0", "n1/n1", "n2/n0", "n2/n1", "n3"} == nodes.keys()
    assert "Names" in Path(nodes["n3"].deck).read_text()


def test_an_input_whose_default_is_none_may_be_left_out(execute):
    assert list(execute(cases.optional).outputs.values()) == [1]


def test_a_recoverable_error_is_tried_again(execute):
    execution = execute(cases.recovering)
    assert outcomes(execution) == [
        ("recovers", "recoverable"),
        ("recovers", "recoverable"),
        ("recovers", "succeeded"),
    ]
    assert execution.attempts[0].error.endswith("try 0 is not enough")
    assert list(execution.outputs.values()) == [1]


def test_a_fatal_error_is_not_tried_again_and_nothing_runs_after_it(execute, tmp_path):
    with pytest.raises(TaskFailed, match=r"task breaks \(node n0\) failed in attempt 1, retries=3: .*1 is never right"):
        execute(cases.fatal)
    assert not (tmp_path / "run" / "n1").exists()


def test_retries_are_used_up(execute):
    with pytest.raises(TaskFailed, match=r"failed in attempt 2, retries=1: .*still not there"):
        execute(cases.exhausted)


def test_a_timeout_ends_the_attempt_and_is_tried_again(execute):
    execution = execute(cases.timing_out)
    assert outcomes(execution) == [("late_at_first", "recoverable"), ("late_at_first", "succeeded")]
    assert execution.attempts[0].error == "it took longer than its timeout of 6 s"


def test_the_next_attempt_gets_the_checkpoint_of_one_that_was_killed(execute):
    execution = execute(cases.checkpointed, upto=6, die_at=4)
    assert outcomes(execution) == [("counts_on", "system failure"), ("counts_on", "succeeded")]
    assert list(execution.outputs.values()) == ["attempt 1 started at 4 and saw 012345"]


def test_a_run_killed_with_sigkill_goes_on_where_it_was(execute, tmp_path):
    file = tmp_path / "go"
    code = (
        "import sys; from pathlib import Path; import cases; from workshop.harness import walk, launchers;"
        "walk.execute(cases.waiting, {'file': sys.argv[1]}, Path(sys.argv[2]),"
        f" launchers.ProcessLauncher(Path({str(HERE)!r})), {IMAGES!r})"
    )
    first = subprocess.Popen([sys.executable, "-c", code, str(file), str(tmp_path / "run")], cwd=HERE)
    started = Path(f"{file}.started")
    while not started.exists():
        assert first.poll() is None
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.wait()
    orphan = int((tmp_path / "run" / "n1" / "attempt-0" / "pid").read_text())
    os.kill(orphan, 0)  # the task outlived the harness

    file.touch()
    execution = execute(cases.waiting, file=str(file))
    assert outcomes(execution) == [("waits_for", "cut off"), ("waits_for", "succeeded")]
    assert execution.attempts[1].number == 1
    assert list(execution.outputs.values()) == [10]
    assert not runs(orphan)


def runs(pid: int) -> bool:
    """Whether a process runs; one that has ended but that nobody has waited for does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")


def test_a_finished_run_is_not_run_again(execute):
    assert len(execute(cases.recovering).attempts) == 3
    again = execute(cases.recovering)
    assert again.attempts == []
    assert list(again.outputs.values()) == [1]


def test_the_failure_policy_lets_other_nodes_complete(execute, tmp_path):
    with pytest.raises(TaskFailed, match="on purpose"):
        execute(cases.keeps_going, folder=str(tmp_path))
    assert (tmp_path / "second").exists()


def test_a_sub_workflow_that_fails_does_not_stop_the_others_around_it(execute, tmp_path):
    with pytest.raises(TaskFailed, match="on purpose"):
        execute(cases.keeps_going_around, folder=str(tmp_path))
    assert (tmp_path / "second").exists()


def test_after_a_failure_the_handler_runs_with_the_workflows_inputs(execute, tmp_path):
    with pytest.raises(TaskFailed, match="on purpose"):
        execute(cases.handled, folder=str(tmp_path))
    assert (tmp_path / "cleaned").exists()


@pytest.mark.parametrize(
    ("workflow", "node"), [(cases.handled_with_its_error, "n1"), (cases.handled_by_a_workflow, "n1")]
)
def test_a_handler_gets_the_error_if_it_asks_for_it(execute, tmp_path, workflow, node):
    with pytest.raises(TaskFailed, match="on purpose"):
        execute(workflow, folder=str(tmp_path))
    (line,) = (tmp_path / "report").read_text().splitlines()
    assert line.startswith(f"{node}: task fails (node {node}")
    assert "on purpose" in line
    # The sub-workflow has a handler of its own.
    assert (tmp_path / "cleaned").exists() == (workflow is cases.handled_with_its_error)


def test_a_handler_runs_again_when_a_recovered_run_fails_again(execute, tmp_path):
    for count in (1, 2):
        with pytest.raises(TaskFailed, match="on purpose"):
            execute(cases.handled_by_a_workflow, folder=str(tmp_path))
        assert len((tmp_path / "report").read_text().splitlines()) == count
        give_up(tmp_path / "run")


def test_a_folder_is_not_gone_on_with_under_other_inputs(execute):
    execute(cases.recovering, x=1)
    with pytest.raises(OtherInputs, match="is from a run with other inputs"):
        execute(cases.recovering, x=2)


def test_a_folder_is_walked_by_one_at_a_time(execute, tmp_path):
    (tmp_path / "run").mkdir()
    with walk.alone(tmp_path / "run"), pytest.raises(walk.FolderInUse, match="is being run by another process"):
        execute(cases.recovering)


def test_a_task_that_leaves_without_a_result_is_told_with_its_last_words(execute):
    with pytest.raises(TaskFailed, match=r"exit status 3 and no result: about to leave"):
        execute(cases.leaving)


@pytest.mark.parametrize(
    ("workflow", "words"),
    [(cases.raw, "task shell is a container without Python, .* make test-image")],
)
def test_what_the_harness_does_not_run_is_said_before_any_work(execute, tmp_path, workflow, words):
    with pytest.raises(NotImplementedError, match=words):
        execute(workflow)
    assert not list((tmp_path / "run").iterdir())


def test_overrides_of_a_node_reach_its_task():
    graph = compiled(cases.resized, IMAGES)
    (node,) = (node for node in graph.workflow.nodes if node.id == "n0")
    task = nodes.overridden(graph.tasks["cases.double"], node)
    assert limits(task.container.resources, 2) == ["--memory", str(123 * 2**20), "--memory-swap", str(123 * 2**20)]
    assert not graph.tasks["cases.double"].container.resources.limits


@pytest.mark.parametrize(("x", "outcome"), [(5, 10), (-1, -2), (2, 22), (0, 0)])
def test_the_first_case_that_holds_is_taken(execute, x, outcome):
    execution = execute(cases.branching, x=x)
    assert list(execution.outputs.values()) == [outcome] == [cases.branching(x=x)]
    assert len(execution.attempts) == 2


def test_a_branch_waits_for_what_its_cases_need(execute):
    assert list(execute(cases.branching_on_a_later_node, x=1).outputs.values()) == [2 + 4]


def test_no_case_that_holds_is_a_failure_with_its_words(execute):
    with pytest.raises(TaskFailed, match="x is out of range"):
        execute(cases.branching, x=1000)


def test_the_types_in_a_graph_that_a_task_wrote_must_fit(execute, tmp_path):
    words = (
        r"badly_drawn drew a graph whose types do not fit: dn1 double, input x: gets str \(output o0 of dn0 describe\)"
    )
    with pytest.raises(TaskFailed, match=words):
        execute(cases.badly_grown)
    assert not (tmp_path / "run" / "n0" / "dn0").exists()


def test_a_dynamic_workflow_runs_the_graph_that_its_task_wrote(execute):
    settings = cases.Settings(step=3, label="all")
    execution = execute(cases.growing, count=3, settings=settings)
    assert list(execution.outputs.values()) == [0 + 2 + 4 + 3] == [cases.growing(count=3, settings=settings)]
    assert [attempt.task for attempt in execution.attempts] == ["grow", "double", "double", "double", "total"]
    assert all(attempt.node.startswith("n0/") for attempt in execution.attempts[1:])


def test_a_map_task_runs_every_member_with_its_bound_inputs(execute):
    execution = execute(cases.mapping, numbers=[1, 2, 3], factor=10)
    assert list(execution.outputs.values()) == [[10, 20, 30]]
    assert sorted(attempt.node for attempt in execution.attempts) == ["n0/0", "n0/1", "n0/2"]


def test_members_that_fail_leave_nothing_while_enough_succeed(execute):
    execution = execute(cases.mapping_with_losses, numbers=[1, 0, 3, 4])
    assert list(execution.outputs.values()) == [[12, None, 4, 3]]


def test_too_many_failing_members_fail_the_map_task(execute):
    with pytest.raises(TaskFailed, match=r"of 4 members succeeded, 3 are needed: task divide \(node n0/\d\) failed"):
        execute(cases.mapping_with_losses, numbers=[0, 0, 3, 4])


def test_limits_of_a_container_are_written_as_docker_reads_them():
    entries = [
        Resources.ResourceEntry(name=Resources.MEMORY, value="800Mi"),
        Resources.ResourceEntry(name=Resources.CPU, value="500m"),
    ]
    assert limits(Resources(limits=entries), 2) == [
        "--memory",
        "838860800",
        "--memory-swap",
        "838860800",
        "--cpus",
        "0.5",
    ]


def test_an_attempt_tells_what_its_task_used_and_what_it_asked_for(execute):
    (attempt,) = execute(cases.resized).attempts[:1]
    assert attempt.limits == {"memory": "123Mi"}
    # The interpreter and flytekit alone are more than this, and no test machine is so slow as to use an hour.
    assert 20 < attempt.peak_mb < 2000
    assert 0 < attempt.cpu_seconds < 3600


def test_a_task_runs_in_the_environment_that_stands_for_its_image(tmp_path):
    interpreter = tmp_path / "environment" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.write_text('#!/bin/sh\necho "$@" > called\nexit 3\n')
    interpreter.chmod(0o755)
    launcher = ProcessLauncher(HERE, {IMAGES["default"]: interpreter})
    with pytest.raises(TaskFailed, match="exit status 3"):
        walk.execute(cases.recovering, {}, tmp_path / "run", launcher, IMAGES)
    called = (tmp_path / "run" / "n0" / "attempt-0" / "called").read_text()
    assert "usage.py usage.json pyflyte-execute" in called


@pytest.mark.parametrize(
    "text",
    ["low 0\nhigh 0\nmax 71\noom 3\noom_kill 2\noom_group_kill 0\n", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"],
    ids=["cgroup version 2", "cgroup version 1"],
)
def test_what_the_kernel_killed_is_counted_where_it_says_so(tmp_path, monkeypatch, text):
    file = tmp_path / "counter"
    file.write_text(text)
    monkeypatch.setattr(usage, "OOM_COUNTERS", (str(tmp_path / "missing"), str(file)))
    assert usage.oom_kills() == 2


def test_a_command_during_which_the_kernel_killed_is_told_as_such(tmp_path, monkeypatch):
    counter, told = tmp_path / "counter", tmp_path / "usage.json"
    counter.write_text("oom_kill 2\n")  # before this command
    monkeypatch.setattr(usage, "OOM_COUNTERS", (str(counter),))
    for command, killed in (("true", 0), (f"echo oom_kill 3 > {counter}; kill -9 $$", 1)):
        assert usage.main(str(told), "sh", "-c", command) == (137 if killed else 0)
        assert json.loads(told.read_text())["oom_kills"] == killed
        assert not killed or out_of_memory("no-such-container", tmp_path)


def test_a_task_past_its_memory_limit_is_told_its_limit_and_the_next_step(tmp_path):
    task = compiled(cases.resized, IMAGES).tasks["cases.double"]
    task.container.resources.limits.add(name=Resources.MEMORY, value="123Mi")
    call = Call(node="n0", task=task, folder=tmp_path, retries=0, seconds=None)
    outcome, error = read_outcome(call, tmp_path, Exit(137, MEMORY))
    assert outcome == "recoverable"  # as on a cluster
    assert error.startswith("it exceeded its memory limit of 123Mi; raise it in @task(resources=…), or ")
