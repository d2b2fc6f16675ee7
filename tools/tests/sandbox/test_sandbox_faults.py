"""What goes wrong with a sandbox is reported in one line, and nothing half-started stays."""

import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from sandboxes import OWN, is_there, ours, within

from tools.core.reporting import ends_in_one_line
from tools.sandbox import flytectl, operators, preflight, sandbox, settings, waiting

pytest_plugins = ["sandboxes"]


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


@pytest.fixture
def over_at(monkeypatch):
    """Ends the wait once there is a container and Flyte waits for what a test names, however long that takes."""
    passed = 0.0

    def over_at(told: str) -> None:
        real = waiting.missing

        def missing() -> str:
            nonlocal passed
            now = real()
            if now.startswith(told) and is_there():
                passed = 3600.0
            return now

        clock = SimpleNamespace(monotonic=lambda: time.monotonic() + passed, sleep=time.sleep)
        monkeypatch.setattr(waiting, "missing", missing)
        monkeypatch.setattr(waiting, "time", clock)

    return over_at


@pytest.mark.parametrize(
    ("scenario", "told"),
    [
        ("image", "flyte/flyte-sandbox-postgresql-0: ImagePullBackOff: Back-off pulling image"),
        ("memory", "flyte/flyte-sandbox-postgresql-0: 0/1 nodes are available: 1 Insufficient memory."),
        ("crash", "flyte/flyte-sandbox-postgresql-0: CrashLoopBackOff, it ended with OOMKilled, exit status 137"),
        ("disk image", "room: Kubernetes starts nothing while the machine lacks disk"),
        ("no-kubernetes", "Kubernetes"),
        ("mute", "Flyte to answer at http://localhost:"),
    ],
)
def test_what_is_stuck_is_named_and_nothing_stays(scenario, told, machine, over_at, monkeypatch, stopped):
    monkeypatch.setenv("STANDIN_SCENARIO", scenario)
    monkeypatch.setenv("SANDBOX_MINUTES", "5")
    over_at(told)
    line = stopped(sandbox.sandbox_up)
    assert line.startswith(f"not ready within 5 minutes: still waiting for {told}")
    assert line.endswith("; all of it: state/log")
    assert not is_there()
    assert ours(machine) == []
    assert "$ kubectl get events" in flytectl.LOG.read_text()


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        (
            "STANDIN_SCENARIO",
            "dies",
            'the sandbox\'s container has ended: level=fatal msg="failed to find memory cgroup"',
        ),
        (
            "STANDIN",
            "fails",
            "flytectl could not start the sandbox: Error response from daemon: no space left on device",
        ),
    ],
    ids=["container", "flytectl"],
)
def test_what_ends_is_told_with_its_last_line_and_nothing_stays(variable, value, told, machine, monkeypatch, stopped):
    monkeypatch.setenv(variable, value)
    assert stopped(sandbox.sandbox_up).startswith(f"{told}; all of it: ")
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
from tools.sandbox import flytectl, preflight, sandbox
from tools.core.reporting import ends_in_one_line
for name, value in {facts!r}.items():
    setattr(flytectl, name, value)
flytectl.FOLDER = Path({str(machine / "state")!r})
flytectl.LOG = flytectl.FOLDER / "log"
sandbox.ROOT = flytectl.FOLDER
preflight.cluster_checks = lambda: []
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


@pytest.mark.parametrize("variable", ["SPARK", "RAY"])
def test_a_variable_that_is_neither_0_nor_1_is_told(variable, machine, monkeypatch, stopped):
    monkeypatch.setenv(variable, "yes")
    assert stopped(sandbox.sandbox_up) == f"{variable} must be 1 for yes, or 0 or empty for no, not 'yes'"


@pytest.mark.parametrize("minutes", ["0", "-1", "soon", "nan"])
def test_a_wait_without_an_end_is_refused(minutes, machine, monkeypatch, stopped):
    monkeypatch.setenv("SANDBOX_MINUTES", minutes)
    assert stopped(sandbox.sandbox_up).startswith(f"SANDBOX_MINUTES is {minutes!r}; ")


@pytest.mark.parametrize("target", ["sandbox-up", "sandbox-down"])
def test_without_a_daemon_make_ends_in_one_line(target, make_stops):
    assert make_stops(target, DOCKER_HOST="unix:///nonexistent.sock").startswith(f"make {target}: ")


@pytest.mark.parametrize("target", [sandbox.sandbox_up, sandbox.sandbox_down])
def test_without_docker_both_end_in_one_line(target, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ends_in_one_line("make it", target) == 2
    assert capsys.readouterr().err.startswith("make it: docker is not on PATH; install ")
