"""flytectl, Flyte's own tool, which starts the sandbox: which release, how to get it, how it is called."""

import os
import platform
import re
import shutil
import subprocess

from tools.core.commands import output_of
from tools.core.paths import STATE
from tools.core.reporting import last_line
from tools.core.requirement import Check

FOLDER = STATE / "sandbox"
LOG = FOLDER / "log"

# What flytectl calls the sandbox's container, and the volume with its database and object store.
CONTAINER = "flyte-sandbox"
# Flyte 1.16.8. flytectl itself would take the newest release, whose image may not exist.
IMAGE = (
    os.environ.get("SANDBOX_IMAGE")
    or "ghcr.io/flyteorg/flyte-sandbox-bundled:sha-51877f899c9f95e0cb5efe90444eb0c6c6ea48a9"
)
VERSION = "0.9.8"
# The first that knows --disable-connector.
OLDEST = (0, 9, 6)
RELEASE = "https://github.com/flyteorg/flyte/releases/download/flytectl/v{version}/{archive}"
ARCHIVES = {
    "flytectl_Darwin_x86_64.tar.gz": "cde18a0682cde6b56f4b6801e9e1f81ec22b47c09623db375dd42ae005d25d54",
    "flytectl_Darwin_arm64.tar.gz": "a55dc5380625aeb172712677a7da905c4a6b7d330503554f58bb50716979e515",
    "flytectl_Linux_x86_64.tar.gz": "4bf195faa11ec460006297aee7af27df7036dd3dfb26bb5e1ed64be0bc708049",
    "flytectl_Linux_arm64.tar.gz": "68823513c75c554dc1d98e2d24bacec23227d8e41c0dc20be47a0675b969a260",
}


def state() -> tuple[str, str]:
    """The sandbox's container: running, exited, … or empty if there is none; and its image."""
    facts = "{{.State.Status}} {{.Config.Image}}"
    words = output_of("docker", "container", "inspect", "--format", facts, CONTAINER).split()
    return (words[0], words[1]) if len(words) == 2 else ("", "")


def last_of_container() -> str:
    """The last lines that the container has printed."""
    answer = subprocess.run(["docker", "logs", "--tail", "100", CONTAINER], capture_output=True, text=True)
    return answer.stdout + answer.stderr


def installation() -> str:
    """The command that installs the pinned release on this system, checked against its hash."""
    machine = {"aarch64": "arm64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    archive = f"flytectl_{platform.system()}_{machine}.tar.gz"
    if archive not in ARCHIVES:
        return f"flytectl {VERSION} has no release for {platform.system()} on {machine}"
    address = RELEASE.format(version=VERSION, archive=archive)
    check = "shasum -a 256" if platform.system() == "Darwin" else "sha256sum"
    return (
        f"install {VERSION}: curl -fsSLO {address} && echo '{ARCHIVES[archive]}  {archive}' | {check} -c && "
        f"sudo mkdir -p /usr/local/bin && sudo tar -xzf {archive} -C /usr/local/bin flytectl"
    )


def version() -> tuple[int, ...]:
    """The version of flytectl; empty where it does not print one: it asks the network for a newer one first."""
    found = re.search(
        r'"App": "flytectl".*?"Version": "v?(\d+)\.(\d+)\.(\d+)', output_of("flytectl", "version"), re.DOTALL
    )
    return tuple(map(int, found.groups())) if found else ()


def check() -> Check:
    """Whether flytectl is here and new enough, as a row of `make doctor`."""
    if not shutil.which("flytectl"):
        return Check("cluster", "flytectl", "not on PATH", installation())
    here = version()
    found = ".".join(map(str, here)) or "prints no version"
    return Check("cluster", "flytectl", found, installation() if here and here < OLDEST else "")


def environment() -> dict[str, str]:
    """Variables for flytectl.

    It would make the sandbox the current context of your kubectl, and leave you without any when it goes:
    so it gets a kubeconfig of its own. It finds Docker by DOCKER_HOST alone, docker itself by its context too.
    """
    endpoint = output_of("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
    docker = {"DOCKER_HOST": endpoint} if endpoint else {}
    return {**docker, **os.environ, "KUBECONFIG": str(FOLDER / "kubeconfig")}


def start(port: str) -> subprocess.Popen:
    """Starts the sandbox; flytectl goes on until all of its pods are ready, however long that takes."""
    command = ["flytectl", "demo", "start", "--image", IMAGE, "--disable-connector", "--port", port]
    with LOG.open("w") as file:
        return subprocess.Popen(
            command, env=environment(), stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )


def last_words() -> str:
    """What flytectl said last, without its log lines for machines."""
    lines = LOG.read_text(encoding="utf-8", errors="replace").splitlines()
    return last_line("\n".join(line for line in lines if not line.startswith("{"))).removeprefix("Error: ")
