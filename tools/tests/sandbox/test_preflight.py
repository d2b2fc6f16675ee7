"""What a sandbox needs of this machine is reported before anything is started: one line each, with the next step."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.core import commands
from tools.core.requirement import Check, need
from tools.images.engine import docker_problem
from tools.sandbox import flytectl, preflight

BASE_IMAGE = os.environ.get("BASE_IMAGE") or "python:3.11-slim-bookworm"
STANDIN = Path(__file__).parents[1] / "standin"


@pytest.fixture
def on_path(tmp_path, monkeypatch) -> Callable[[str], None]:
    """Puts flytectl's stand-in first on PATH; its argument says what is wrong with it."""

    def on_path(wrong: str = "") -> None:
        shutil.copy(STANDIN / "flytectl", tmp_path / "flytectl")
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        monkeypatch.setenv("STANDIN", wrong)

    return on_path


@pytest.fixture
def docker_has(monkeypatch):
    """Docker's CPUs, memory (10^6 bytes), and folder."""

    def docker_has(cpus: int = 64, memory: int = 64_000, folder: str = "/") -> None:
        monkeypatch.setattr(preflight, "engine", lambda: (cpus, memory, folder))

    monkeypatch.setattr(preflight, "docker_problem", lambda: "")
    monkeypatch.setattr(preflight, "DISK_MB", -(10**9))
    monkeypatch.setattr(preflight, "PORTS", {})
    monkeypatch.setattr(preflight, "is_free", lambda port: True)
    docker_has()
    return docker_has


def test_a_machine_with_room_is_let_through(docker_has, on_path):
    on_path()
    need(preflight.cluster_checks())
    assert Check("cluster", "flytectl", "0.9.8") in preflight.cluster_checks()


def test_no_flytectl_is_told_with_the_command_that_installs_it(docker_has, monkeypatch, tmp_path, stopped):
    monkeypatch.setenv("PATH", str(tmp_path))
    line = stopped(need, preflight.cluster_checks())
    assert line.startswith(
        f"flytectl: not on PATH; install {flytectl.VERSION}: curl -fsSLO https://github.com/flyteorg/"
    )
    assert line.endswith("-C /usr/local/bin flytectl")


def test_a_flytectl_that_is_too_old_is_told(docker_has, on_path, stopped):
    on_path("old")
    assert stopped(need, preflight.cluster_checks()).startswith(f"flytectl: 0.9.5; install {flytectl.VERSION}: curl ")


def test_a_flytectl_that_waits_for_the_network_is_taken_at_its_word(docker_has, on_path, monkeypatch):
    monkeypatch.setattr(commands, "ANSWER_SECONDS", 0.5)
    on_path("silent")
    need(preflight.cluster_checks())
    assert flytectl.check().found == "prints no version"


def test_a_system_without_a_release_is_told(monkeypatch):
    monkeypatch.setattr(flytectl.platform, "machine", lambda: "riscv64")
    assert "has no release for " in flytectl.installation()


@pytest.mark.parametrize(
    ("plugins", "cpus", "memory"),
    [((), 2, 4000), (("SPARK",), 4, 7600), (("RAY",), 5, 6500), (("RAY", "SPARK"), 5, 7600)],
)
def test_too_little_is_told_with_what_is_needed(plugins, cpus, memory, docker_has, on_path, monkeypatch, stopped):
    on_path()
    for plugin in plugins:
        monkeypatch.setenv(plugin, "1")
    docker_has(cpus=cpus, memory=memory)
    need(preflight.cluster_checks())
    docker_has(cpus=cpus - 1)
    line = stopped(need, preflight.cluster_checks())
    assert line.startswith(f"Docker's CPUs: {cpus - 1}, {cpus} needed; give Docker more ")
    docker_has(memory=memory - 1)
    line = stopped(need, preflight.cluster_checks())
    assert line.startswith(f"Docker's memory: {memory - 1} MB, {memory} MB needed; give Docker more ")


def test_a_full_disk_is_told(docker_has, on_path, monkeypatch, stopped):
    on_path()
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 0, 59 * 10**9))
    monkeypatch.setattr(preflight, "DISK_MB", 10_000)
    line = stopped(need, preflight.cluster_checks())
    assert line.startswith("Docker's disk, until it is 95 % full: 9000 MB, 10000 MB needed; free some; ")


def test_a_disk_that_is_not_seen_from_here_is_no_problem(docker_has):
    docker_has(folder="/nonexistent")
    assert preflight.disk_checks() == []


def test_docker_tells_its_size():
    if docker_problem():
        pytest.skip("no Docker on this machine")
    cpus, memory, folder = preflight.engine()
    assert cpus >= 1
    assert memory > 500
    assert folder


def listening(address: str) -> tuple[socket.socket, int]:
    server = socket.create_server((address, 0))
    return server, server.getsockname()[1]


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])  # noqa: S104  (as Docker listens)
def test_a_port_in_use_is_told_with_who_holds_it(address, monkeypatch):
    server, port = listening(address)
    with server:
        monkeypatch.setattr(preflight, "PORTS", {port: "image registry"})
        found = preflight.port_check().found
        assert preflight.port_check() == Check("cluster", "ports", found, "stop what holds them")
    if shutil.which("ss") or shutil.which("lsof"):
        assert f"(process {os.getpid()})" in found
    assert found.startswith(f"{port} (image registry) is held by ")
    assert preflight.port_check() == Check("cluster", "ports", "free")


def test_a_port_that_nobody_names_is_told_all_the_same(monkeypatch):
    monkeypatch.setattr(preflight, "output_of", lambda *_: "")
    assert preflight.holder(30000) == "a process that this machine does not name"


def test_the_port_of_kubernetes_may_be_another(monkeypatch):
    server, port = listening("127.0.0.1")
    with server:
        monkeypatch.setattr(preflight, "PORTS", {})
        monkeypatch.setattr(preflight, "KUBERNETES_PORT", str(port))
        elsewhere = "choose another: SANDBOX_KUBERNETES_PORT=6444"
        assert preflight.port_check().next_step == f"stop what holds them or {elsewhere}"


@pytest.mark.parametrize("port", ["0", "65536", "tcp://10.0.0.1:443", "-1"])
def test_a_port_that_is_none_is_told(port, monkeypatch, stopped):
    monkeypatch.setattr(preflight, "KUBERNETES_PORT", port)
    assert stopped(preflight.ports).startswith(f"SANDBOX_KUBERNETES_PORT is {port!r}; ")


def test_a_port_held_by_a_container_is_told_with_its_name(monkeypatch):
    if docker_problem() or subprocess.run(["docker", "image", "inspect", BASE_IMAGE], capture_output=True).returncode:
        pytest.skip(f"Docker or the image {BASE_IMAGE} is not on this machine")
    name = f"test-port-{os.getpid()}"
    command = ["docker", "run", "--detach", "--rm", "--name", name, "--publish", "127.0.0.1::80", BASE_IMAGE]
    subprocess.run([*command, "sleep", "600"], check=True, capture_output=True)
    try:
        published = subprocess.run(["docker", "port", name, "80"], check=True, capture_output=True, text=True).stdout
        port = int(published.rpartition(":")[2])
        monkeypatch.setattr(preflight, "PORTS", {port: "image registry"})
        assert preflight.port_check().found == f"{port} (image registry) is held by the container {name}"
        monkeypatch.setattr(flytectl, "CONTAINER", name)
        assert preflight.port_check() == Check("cluster", "ports", "held by the sandbox, which runs")
    finally:
        subprocess.run(["docker", "rm", "--force", "--volumes", name], capture_output=True)


def test_without_docker_the_table_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    rows = {check.what: check for check in preflight.cluster_checks()}
    assert rows["Docker"].found == "missing"
    assert rows["Docker"].next_step.startswith("docker is not on PATH; install ")


def test_installing_checks_the_hash(tmp_path, monkeypatch):
    """The command as a shell runs it, with an archive of another content."""
    archive = next(name for name in flytectl.ARCHIVES if "Linux_x86_64" in name)
    monkeypatch.setattr(flytectl.platform, "system", lambda: "Linux")
    monkeypatch.setattr(flytectl.platform, "machine", lambda: "x86_64")
    (tmp_path / archive).write_bytes(b"something else")
    _, check, _ = flytectl.installation().split(" && ", 2)
    answer = subprocess.run(["sh", "-c", check], cwd=tmp_path, capture_output=True, text=True)
    assert answer.returncode
    assert f"{archive}: FAILED" in answer.stdout


if sys.platform == "darwin":
    test_installing_checks_the_hash = pytest.mark.skip("macOS has no sha256sum")(test_installing_checks_the_hash)
