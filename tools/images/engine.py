"""Docker's engine: whether images can be handled here."""

import os
import shutil
import subprocess

from tools.core.commands import output_of
from tools.core.errors import Stop
from tools.images import build_variables

DAEMON_SECONDS = 20


def docker_problem() -> str:
    """What keeps docker from building images here, with the next step; empty if nothing does."""
    if not shutil.which("docker"):
        return "docker is not on PATH; install Docker Engine or Docker Desktop: https://docs.docker.com/get-docker/"
    start = "Docker's daemon does not answer; start it (Docker Desktop, or: sudo systemctl start docker)"
    command = ["docker", "info", "--format", "{{.ServerErrors}}"]
    try:
        engine = subprocess.run(command, capture_output=True, text=True, timeout=DAEMON_SECONDS)
    except subprocess.TimeoutExpired:
        return start
    words = engine.stdout + engine.stderr
    if "permission denied" in words:
        return "you may not talk to Docker's daemon; join its group: sudo usermod -aG docker $USER, then log in again"
    if engine.returncode or "Cannot connect" in words:
        return start
    if subprocess.run(["docker", "buildx", "version"], capture_output=True).returncode:
        return "docker has no buildx; install it: https://docs.docker.com/build/install-buildx/"
    return ""


def need_docker() -> None:
    """Raises Stop where images cannot be handled here; a wrong variable is reported first: it is wrong everywhere."""
    build_variables.check(os.environ)
    if problem := docker_problem():
        raise Stop(problem)


def keeps_attestations() -> bool:
    """Whether the engine has containerd's image store; its older one knows no attestations."""
    return "containerd.snapshotter" in output_of("docker", "info", "--format", "{{json .DriverStatus}}")
