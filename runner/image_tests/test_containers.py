"""What a container of the harness may and may not do; `make test-image` names an image to try it with."""

import json
import subprocess
import threading
from pathlib import Path

import pytest
from flyteidl.core.tasks_pb2 import Container, Resources, TaskTemplate
from flytekit import ContainerTask, Workflow, kwtypes
from flytekit.types.file import FlyteFile

from runner.harness import walk
from runner.harness.containers import ContainerLauncher
from runner.harness.launchers import Exit


@pytest.fixture
def attempt(tmp_path: Path) -> Path:
    folder = tmp_path / "n0" / "attempt-0"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def run(request, tmp_path, attempt):
    """Runs Python code in a container: its exit and what it printed."""
    image = request.config.getoption("images")["default"].reference
    launcher = ContainerLauncher(tmp_path)

    def run(code: str, memory: str = "500Mi", seconds: float | None = None, aborted=lambda: False) -> tuple[Exit, str]:
        limit = Resources.ResourceEntry(name=Resources.MEMORY, value=memory)
        task = TaskTemplate(container=Container(image=image, resources=Resources(limits=[limit])))
        ended = launcher.run(task, ["python", "-c", code], {"GREETING": "hello"}, attempt, seconds, aborted)
        return ended, (attempt / "log.txt").read_text().strip()

    return run


def containers(folder: Path) -> str:
    name = ContainerLauncher(folder.parents[1]).name(folder)
    command = ["docker", "ps", "--all", "--quiet", "--filter", f"name={name}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_runs_as_a_user_that_is_not_root_and_gets_its_variables(run):
    ended, log = run("import os; print(os.getuid() != 0, os.environ['GREETING'])")
    assert (ended, log) == (Exit(0), "True hello")


def test_writes_into_the_attempts_folder_only(run, attempt):
    code = f"""
for folder in ({str(attempt)!r}, {str(attempt.parent)!r}, "/tmp", "/app", "/"):
    try:
        open(folder + "/file", "w").write("x")
        print("wrote", folder)
    except OSError:
        pass
"""
    assert run(code)[1].splitlines() == [f"wrote {attempt}", "wrote /tmp"]
    assert (attempt / "file").read_text() == "x"


def test_reaches_no_network(run):
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=2)"
    ended, log = run(code)
    assert ended.status == 1
    assert "Network is unreachable" in log


def test_is_killed_at_its_memory_limit_and_says_so(run, attempt):
    ended, _ = run("bytes = bytearray(300_000_000); print(len(bytes))", memory="64Mi")
    assert ended == Exit(137, "memory")
    assert json.loads((attempt / "usage.json").read_text())["oom_kills"] == 1
    assert containers(attempt) == ""


def test_is_ended_before_there_is_a_container(run, attempt):
    ended, _ = run("import time; time.sleep(600)", aborted=lambda: True)
    assert ended.reason == "aborted"
    assert containers(attempt) == ""


def test_an_image_that_is_not_there_is_not_pulled(tmp_path, attempt):
    task = TaskTemplate(container=Container(image="localhost:1/no-such-image:1"))
    launcher = ContainerLauncher(tmp_path)
    assert launcher.run(task, ["true"], {}, attempt, None, lambda: False).status == 125


def test_is_ended_at_its_timeout_and_leaves_no_container(run, attempt):
    ended, _ = run("import time; time.sleep(60)", seconds=1)
    assert ended.reason == "timeout"
    assert containers(attempt) == ""


def test_is_ended_when_the_walk_is_aborted(run, attempt):
    stop = threading.Event()
    threading.Timer(1, stop.set).start()
    ended, _ = run("import time; time.sleep(60)", aborted=stop.is_set)
    assert ended.reason == "aborted"
    assert containers(attempt) == ""


def test_a_leftover_of_a_killed_run_is_ended(run, request, tmp_path, attempt):
    launcher = ContainerLauncher(tmp_path)
    image = request.config.getoption("images")["default"].reference
    name = launcher.name(attempt)
    command = ["docker", "run", "--detach", "--name", name, image, "sleep", "600"]
    subprocess.run(command, check=True, capture_output=True)
    try:
        assert containers(attempt)
        launcher.end_leftover(attempt)
        assert containers(attempt) == ""
    finally:
        subprocess.run(["docker", "rm", "--force", name], capture_output=True)


def test_a_task_without_python_reads_and_writes_files(request, tmp_path):
    image = request.config.getoption("images")["default"].reference
    shell = ContainerTask(
        name="shell",
        image=image,
        command=["sh", "-c", "cat /var/inputs/text > /var/outputs/copy; expr {{.inputs.n}} + 1 > /var/outputs/next"],
        inputs=kwtypes(text=str, n=int),
        outputs=kwtypes(copy=FlyteFile, next=int),
        input_data_dir="/var/inputs",
        output_data_dir="/var/outputs",
    )
    flow = Workflow(name="raw")
    node = flow.add_entity(shell, text="penguins", n=flow.add_workflow_input("n", int))
    for name in ("copy", "next"):
        flow.add_workflow_output(name, node.outputs[name])
    execution = walk.execute(flow, {"n": 41}, tmp_path, ContainerLauncher(tmp_path), {"default": image})
    assert Path(execution.outputs["copy"]).read_text() == "penguins"
    assert execution.outputs["next"] == 42


def test_a_user_whom_the_image_does_not_know_has_a_name(run, attempt, tmp_path, monkeypatch):
    for folder in (tmp_path, attempt.parent, attempt):
        folder.chmod(0o777)
    monkeypatch.setattr("os.getuid", lambda: 4242)
    ended, log = run("import getpass, os; print(os.getuid(), getpass.getuser(), os.path.expanduser('~flyte'))")
    assert (ended, log) == (Exit(0), "4242 flyte /tmp")
