"""`make sandbox-up` and `make sandbox-down` on the real Docker; flytectl and its image are stand-ins (standin/).

The container, its volume and its ports have names of the test's own, so that a sandbox of yours is not touched.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools import flytectl, operators, preflight, sandbox, settings, waiting
from tools.images import docker_problem
from tools.reporting import ends_in_one_line

STANDIN = Path(__file__).parent / "standin"
BASE_IMAGE = os.environ.get("BASE_IMAGE") or "python:3.11-slim-bookworm"
OWN = f"test-sandbox-{os.getpid()}"


def docker(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run(["docker", *words], capture_output=True, text=True)


@pytest.fixture(scope="module")
def image():
    """The stand-in for Flyte's image."""
    if docker_problem() or docker("image", "inspect", BASE_IMAGE).returncode:
        pytest.skip(f"Docker or the image {BASE_IMAGE} is not on this machine")
    made = docker("build", "--quiet", "--tag", OWN, "--build-arg", f"BASE_IMAGE={BASE_IMAGE}", str(STANDIN))
    assert made.returncode == 0, made.stderr
    yield OWN
    docker("image", "rm", "--force", OWN)


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


@pytest.fixture
def machine(image, tmp_path, monkeypatch):
    """A home of its own, flytectl's stand-in on PATH, room enough; nothing of the test stays."""
    (tmp_path / "bin").mkdir()
    shutil.copy(STANDIN / "flytectl", tmp_path / "bin" / "flytectl")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STANDIN_CONTAINER", OWN)
    for name in ("SPARK", "RAY", "VOLUME", "PENGUINS_DB_PASSWORD", "STANDIN", "STANDIN_SCENARIO", "SANDBOX_MINUTES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(flytectl, "CONTAINER", OWN)
    monkeypatch.setattr(flytectl, "IMAGE", f"{image}:latest")
    monkeypatch.setattr(flytectl, "FOLDER", tmp_path / "state")
    monkeypatch.setattr(flytectl, "LOG", tmp_path / "state" / "log")
    monkeypatch.setattr(sandbox, "ROOT", tmp_path)
    monkeypatch.setattr(sandbox, "CONFIG", tmp_path / "config.yaml")
    monkeypatch.setattr(preflight, "KUBERNETES_PORT", str(free_port()))
    monkeypatch.setattr(preflight, "PORTS", {})
    monkeypatch.setattr(preflight, "TASKS", {"": (0, 0), "SPARK": (0, 0), "RAY": (0, 0)})
    monkeypatch.setattr(preflight, "RESERVE", (1, 500))
    monkeypatch.setattr(preflight, "DISK_MB", -(10**9))
    monkeypatch.setattr(waiting, "SECONDS_BETWEEN", 0.2)
    yield tmp_path
    docker("rm", "--force", "--volumes", OWN)
    docker("volume", "rm", "--force", OWN)


def is_there() -> bool:
    return docker("container", "inspect", OWN).returncode == 0


def within(*command: str) -> str:
    return docker("exec", OWN, *command).stdout


def ours(machine: Path) -> list[Path]:
    return list((machine / "home").rglob("*.yaml"))


def test_it_starts_with_the_connector_off_and_the_lessons_settings(machine, capsys):
    sandbox.sandbox_up()
    out = capsys.readouterr().out
    assert "the sandbox is ready: http://localhost:30080/console" in out
    assert within("sh", "-c", "ls /connector") == ""
    written = (machine / "home/.flyte/sandbox/config.yaml").read_text()
    assert written.startswith(settings.OURS)
    cpus, memory = preflight.quota()
    assert f'value: "{cpus}"' in written
    assert f'value: "{memory}M"' in written
    assert f"together CPU {cpus}, memory {memory} MB" in out
    assert set(within("ls", "/templates").split()) == {path.name for path in settings.TEMPLATES.glob("*.yaml")}


def test_your_own_kubectl_keeps_its_context(machine, monkeypatch):
    mine = machine / "mine"
    mine.write_text("current-context: production\n")
    monkeypatch.setenv("KUBECONFIG", str(mine))
    sandbox.sandbox_up()
    assert mine.read_text() == "current-context: production\n"


def test_a_second_one_says_so_and_changes_nothing(machine, capsys):
    sandbox.sandbox_up()
    before = docker("container", "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", OWN).stdout
    capsys.readouterr()
    sandbox.sandbox_up()
    out = capsys.readouterr().out
    assert out.startswith("the sandbox is already running\n")
    assert "giving Flyte its configuration" not in out
    assert docker("container", "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", OWN).stdout == before


def test_one_that_had_ended_goes_on(machine, capsys):
    sandbox.sandbox_up()
    docker("stop", "--time", "1", OWN)
    capsys.readouterr()
    sandbox.sandbox_up()
    assert capsys.readouterr().out.startswith("the sandbox is there but exited; starting it again\n")
    assert docker("container", "inspect", "--format", "{{.State.Status}}", OWN).stdout == "running\n"


def test_one_that_flytectl_started_gets_the_settings(machine, capsys):
    (machine / "home/.flyte/sandbox").mkdir(parents=True)
    (machine / "state").mkdir()
    assert flytectl.start(preflight.KUBERNETES_PORT).wait() == 0
    sandbox.sandbox_up()
    out = capsys.readouterr().out
    assert "giving Flyte its configuration" in out
    assert settings.is_applied()


def test_an_older_one_is_told(machine, monkeypatch, capsys):
    sandbox.sandbox_up()
    monkeypatch.setattr(flytectl, "IMAGE", "registry.example/flyte:next")
    sandbox.sandbox_up()
    assert f"made from {OWN}:latest; for registry.example/flyte:next: make sandbox-down" in capsys.readouterr().out


def test_operators_are_installed_before_flyte_is_told_of_them(machine, monkeypatch, capsys):
    monkeypatch.setenv("SPARK", "1")
    sandbox.sandbox_up()
    out = capsys.readouterr().out
    assert out.index("installing spark-operator") < out.index("giving Flyte its configuration")
    assert "operators  spark\n" in out
    assert within("cat", "/charts/spark-operator") == (operators.ROOT / "sandbox/operators/spark.yaml").read_text()
    assert settings.is_applied()
    monkeypatch.setenv("RAY", "1")
    monkeypatch.delenv("SPARK")
    sandbox.sandbox_up()
    out = capsys.readouterr().out
    assert "installing kuberay-operator" in out
    assert "installing spark-operator" not in out
    assert "operators  ray, spark\n" in out
    enabled = (machine / "home/.flyte/sandbox/config.yaml").read_text()
    assert "- spark\n" in enabled
    assert "- ray\n" in enabled


def test_an_operator_that_there_is_no_room_for_is_refused_and_nothing_changes(machine, monkeypatch, stopped):
    sandbox.sandbox_up()
    monkeypatch.setitem(preflight.TASKS, "RAY", (1000, 0))
    monkeypatch.setenv("RAY", "1")
    assert stopped(sandbox.sandbox_up).startswith("Docker's CPUs: ")
    assert operators.installed() == set()


def test_a_chart_that_cannot_be_fetched_is_told_and_flyte_stays_as_it_was(machine, monkeypatch, stopped):
    sandbox.sandbox_up()
    within("sh", "-c", "echo no-chart > /scenario")
    monkeypatch.setenv("SPARK", "1")
    line = stopped(sandbox.sandbox_up)
    assert line.startswith("spark-operator could not be installed: looks like ")
    assert "cannot be reached; its chart comes from the address in sandbox/operators/spark.yaml" in line
    assert operators.installed() == set()
    assert settings.is_applied()
    assert "- spark\n" not in (machine / "home/.flyte/sandbox/config.yaml").read_text()


def test_the_password_of_the_sql_lesson_becomes_a_secret(machine, monkeypatch, capsys):
    monkeypatch.setenv("PENGUINS_DB_PASSWORD", "pass'word\"")
    sandbox.sandbox_up()
    assert "pass" not in capsys.readouterr().out.replace("password", "")
    secret = json.loads(within("cat", "/objects/penguins"))
    assert secret["metadata"]["namespace"] == "flytesnacks-development"
    assert secret["stringData"] == {"db_password": "pass'word\""}
    lesson = (operators.ROOT / "projects/sql/sql_lesson/database.py").read_text()
    name, key = sandbox.SECRET
    assert f'Secret(group="{name}", key="{key}"' in lesson


@pytest.mark.parametrize(
    ("scenario", "told"),
    [
        ("image", "flyte/flyte-sandbox-postgresql-0: ImagePullBackOff: Back-off pulling image"),
        ("memory", "flyte/flyte-sandbox-postgresql-0: 0/1 nodes are available: 1 Insufficient memory."),
        ("crash", "flyte/flyte-sandbox-postgresql-0: CrashLoopBackOff, it ended with OOMKilled, exit status 137"),
        ("disk image", "room: Kubernetes starts nothing while the machine lacks disk"),
        ("no-kubernetes", "still waiting for Kubernetes"),
    ],
)
def test_what_is_stuck_is_named_and_nothing_stays(scenario, told, machine, monkeypatch, stopped):
    monkeypatch.setenv("STANDIN_SCENARIO", scenario)
    monkeypatch.setenv("SANDBOX_MINUTES", "0.05")
    line = stopped(sandbox.sandbox_up)
    assert line.startswith("not ready within 0.05 minutes: still waiting for ")
    assert told in line
    assert line.endswith("; all of it: state/log")
    assert not is_there()
    assert ours(machine) == []
    assert "$ kubectl get events" in flytectl.LOG.read_text()


def test_a_flytectl_that_fails_is_told_and_nothing_stays(machine, monkeypatch, stopped):
    monkeypatch.setenv("STANDIN", "fails")
    line = stopped(sandbox.sandbox_up)
    assert line.startswith("flytectl could not start the sandbox: Error response from daemon: no space left on device;")
    assert not is_there()
    assert ours(machine) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_start_leaves_nothing(how, machine):
    """In a process of its own, as make runs it."""
    facts = {"CONTAINER": OWN, "IMAGE": flytectl.IMAGE}
    code = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(operators.ROOT)!r})
from tools import flytectl, preflight, sandbox, waiting
from tools.reporting import ends_in_one_line
for name, value in {facts!r}.items():
    setattr(flytectl, name, value)
flytectl.FOLDER = Path({str(machine / "state")!r})
flytectl.LOG = flytectl.FOLDER / "log"
sandbox.ROOT = flytectl.FOLDER
sandbox.preflight.need_machine = lambda: None
preflight.KUBERNETES_PORT = {preflight.KUBERNETES_PORT!r}
sys.exit(ends_in_one_line("make sandbox-up", sandbox.sandbox_up))
"""
    environment = {**os.environ, "STANDIN_SCENARIO": "image"}
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    while not is_there():
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[how], err
    assert "Traceback" not in err
    assert not is_there()
    assert ours(machine) == []


def test_an_image_that_cannot_be_fetched_is_told_with_the_way_out(machine, monkeypatch, stopped):
    monkeypatch.setattr(flytectl, "IMAGE", "127.0.0.1:9/flyte:1")
    line = stopped(sandbox.sandbox_up)
    assert line.startswith("docker cannot fetch it: ")
    assert "refused" in line
    assert line.endswith("SANDBOX_IMAGE=<a mirror's>")
    assert ours(machine) == []


def test_a_configuration_of_yours_is_never_replaced(machine, stopped):
    file = machine / "home/.flyte/sandbox/config.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("task_resources: {}\n")
    assert stopped(sandbox.sandbox_up).startswith(f"{file} is your own; move it away ")
    assert file.read_text() == "task_resources: {}\n"
    sandbox.sandbox_down()
    assert file.read_text() == "task_resources: {}\n"
    assert not is_there()


def test_down_removes_all_but_the_data(machine, monkeypatch, capsys):
    sandbox.sandbox_up()
    named = docker("container", "inspect", "--format", "{{range .Mounts}}{{.Name}} {{end}}", OWN).stdout.split()
    unnamed = [name for name in named if name != OWN]
    assert unnamed
    capsys.readouterr()
    sandbox.sandbox_down()
    out = capsys.readouterr().out
    assert out.startswith("the sandbox is removed\n")
    assert "VOLUME=1 removes them too" in out
    assert not is_there()
    assert ours(machine) == []
    assert docker("volume", "inspect", OWN).returncode == 0
    assert all(docker("volume", "inspect", name).returncode for name in unnamed)
    monkeypatch.setenv("VOLUME", "1")
    sandbox.sandbox_down()
    assert capsys.readouterr().out == "there is no sandbox\nits executions and their data are removed\n"
    assert docker("volume", "inspect", OWN).returncode
    sandbox.sandbox_down()
    assert capsys.readouterr().out == "there is no sandbox\n"


@pytest.mark.parametrize("variable", ["SPARK", "RAY"])
def test_a_variable_that_is_neither_0_nor_1_is_told(variable, machine, monkeypatch, stopped):
    monkeypatch.setenv(variable, "yes")
    assert stopped(sandbox.sandbox_up) == f"{variable} is 'yes'; {variable}=1 installs its operator"


@pytest.mark.parametrize("minutes", ["0", "-1", "soon", "nan"])
def test_a_wait_without_an_end_is_refused(minutes, machine, monkeypatch, stopped):
    monkeypatch.setenv("SANDBOX_MINUTES", minutes)
    assert stopped(sandbox.sandbox_up).startswith(f"SANDBOX_MINUTES is {minutes!r}; ")


@pytest.mark.parametrize("target", [sandbox.sandbox_up, sandbox.sandbox_down])
def test_without_docker_both_end_in_one_line(target, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ends_in_one_line("make it", target) == 2
    assert capsys.readouterr().err.startswith("make it: docker is not on PATH; install ")
