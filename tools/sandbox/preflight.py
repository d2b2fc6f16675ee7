"""What a Flyte sandbox needs of this machine, checked before anything is started; `make doctor` shows the same."""

import contextlib
import json
import os
import re
import shutil
import socket

from tools.core.commands import output_of
from tools.core.errors import Stop
from tools.core.requirement import Check, enough
from tools.core.variables import switch
from tools.images.engine import docker_problem
from tools.sandbox import flytectl

KUBERNETES_PORT = os.environ.get("SANDBOX_KUBERNETES_PORT") or "6443"
PORTS = {
    30000: "image registry",
    30001: "database",
    30002: "object store",
    30003: "image builds",
    30080: "Flyte's console and API",
}

# CPUs and memory (units of 10^6 bytes) that Flyte itself takes, and what tasks ask for at least: the largest
# task of the lessons, and the pods of one task with Spark or Ray.
RESERVE = (1, 3000)
TASKS = {"": (1, 1000), "SPARK": (3, 4600), "RAY": (4, 3500)}
# The sandbox's image twice, once more inside it, and the lessons' images.
DISK_MB = 10_000
# Kubernetes starts nothing on a disk that is fuller than this, in percent; k3s's own limit.
FULL = 95


def needed() -> tuple[int, int]:
    """CPUs and memory (10^6 bytes) that Docker must have."""
    tasks = [TASKS[plugin] for plugin in TASKS if not plugin or switch(plugin)]
    return RESERVE[0] + max(cpus for cpus, _ in tasks), RESERVE[1] + max(memory for _, memory in tasks)


def engine() -> tuple[int, int, str]:
    """CPUs and memory (10^6 bytes) of Docker's machine, and the folder on it that holds images."""
    facts = json.loads(output_of("docker", "info", "--format", "{{json .}}") or "{}")
    return facts.get("NCPU", 0), facts.get("MemTotal", 0) // 1_000_000, facts.get("DockerRootDir", "")


def quota() -> tuple[int, int]:
    """CPUs and memory (10^6 bytes) that the tasks of a project may ask for together."""
    cpus, memory, _ = engine()
    return cpus - RESERVE[0], memory - RESERVE[1]


def size_checks() -> list[Check]:
    """Docker's CPUs and memory."""
    cpus, memory, _ = engine()
    needed_cpus, needed_memory = needed()
    larger = "give Docker more (Docker Desktop: Settings, Resources), or use a larger machine"
    return [
        enough("cluster", "Docker's CPUs", cpus, needed_cpus, larger, unit=""),
        enough("cluster", "Docker's memory", memory, needed_memory, larger),
    ]


def disk_checks() -> list[Check]:
    """Docker's disk; nothing where Docker runs in a machine of its own, whose disk is not seen from here."""
    try:
        disk = shutil.disk_usage(engine()[2])
    except OSError:
        return []
    free = (disk.free - disk.total * (100 - FULL) // 100) // 1_000_000
    next_step = "free some; docker system prune frees what Docker keeps"
    return [enough("cluster", f"Docker's disk, until it is {FULL} % full", free, DISK_MB, next_step)]


def ports() -> dict[int, str]:
    """The ports of this machine that the sandbox is reached by, with what each is for."""
    if not KUBERNETES_PORT.isdecimal() or not 0 < int(KUBERNETES_PORT) < 2**16:
        raise Stop(f"SANDBOX_KUBERNETES_PORT is {KUBERNETES_PORT!r}; it is a port, as in SANDBOX_KUBERNETES_PORT=6444")
    return {**PORTS, int(KUBERNETES_PORT): "Kubernetes"}


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of this machine, at any of its addresses."""
    with socket.socket() as client, contextlib.suppress(OSError):
        client.settimeout(1)
        if client.connect_ex(("127.0.0.1", port)) == 0:
            return False
    with socket.socket() as server:
        # A connection that has just ended does not hold a port.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("0.0.0.0", port))  # noqa: S104  (where Docker would listen; closed at once)
        except OSError:
            return False
    return True


def holder(port: int) -> str:
    """Who listens on a port: a container, a process, or nothing that this machine names."""
    if container := output_of("docker", "ps", "--filter", f"publish={port}", "--format", "{{.Names}}"):
        return f"the container {container.splitlines()[0]}"
    by_lsof = output_of("lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc")
    process = re.search(r"^p(?P<pid>\d+)\nc(?P<name>.+)$", by_lsof, re.MULTILINE)
    process = process or re.search(
        r'\("(?P<name>[^"]+)",pid=(?P<pid>\d+)', output_of("ss", "-Hltnp", f"sport = :{port}")
    )
    return f"{process['name']} (process {process['pid']})" if process else "a process that this machine does not name"


def port_check() -> Check:
    taken = {port: holder(port) for port in ports() if not is_free(port)}
    if not taken:
        return Check("cluster", "ports", "free")
    if set(taken.values()) == {f"the container {flytectl.CONTAINER}"}:
        return Check("cluster", "ports", "held by the sandbox, which runs")
    found = ", ".join(f"{port} ({ports()[port]}) is held by {who}" for port, who in taken.items())
    elsewhere = " or choose another: SANDBOX_KUBERNETES_PORT=6444" if int(KUBERNETES_PORT) in taken else ""
    return Check("cluster", "ports", found, f"stop what holds them{elsewhere}")


def cluster_checks() -> list[Check]:
    """What `make sandbox-up` needs, each with what was found and the next step where that is not enough."""
    if problem := docker_problem():
        return [flytectl.check(), Check("cluster", "Docker", "missing", problem)]
    return [flytectl.check(), *size_checks(), *disk_checks(), port_check()]
