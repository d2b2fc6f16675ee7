"""A machine for sandboxes of the tests: the real Docker, with stand-ins for flytectl and Flyte's image (standin/).

The container, its volume and its ports have names of the test's own, so that a sandbox of yours is not touched.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from ports import free_port

from tools.images.engine import docker_problem
from tools.sandbox import flytectl, preflight, sandbox, waiting

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


@pytest.fixture
def machine(image, tmp_path, monkeypatch):
    """A home of its own, flytectl's stand-in on PATH, room enough; nothing of the test stays."""
    (tmp_path / "bin").mkdir()
    shutil.copy(STANDIN / "flytectl", tmp_path / "bin" / "flytectl")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STANDIN_CONTAINER", OWN)
    monkeypatch.setenv("SANDBOX_MINUTES", "1")
    monkeypatch.setenv("STANDIN_HTTP", http := str(free_port()))
    monkeypatch.setattr(waiting, "HEALTH", f"http://localhost:{http}/healthcheck")
    monkeypatch.setattr(flytectl, "CONTAINER", OWN)
    monkeypatch.setattr(flytectl, "IMAGE", f"{image}:latest")
    monkeypatch.setattr(flytectl, "FOLDER", tmp_path / "state")
    monkeypatch.setattr(flytectl, "LOG", tmp_path / "state" / "log")
    monkeypatch.setattr(sandbox, "ROOT", tmp_path)
    monkeypatch.setattr(sandbox, "SANDBOX_CONFIG", tmp_path / "config.yaml")
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
