"""`make build` and `make build-all`: images by docker buildx bake."""

import functools
import json
import os
import shutil
import subprocess
from typing import Any

from tools import lessons, switches
from tools.base_image import pinned
from tools.environments import need_disk
from tools.errors import Stop
from tools.lessons import Project
from tools.local import chosen
from tools.paths import ROOT
from tools.reporting import last_line
from tools.revision import REGISTRY, git, references, source, tag

DAEMON_SECONDS = 20
# An uncompressed image, the build's own copy of it, and room to breathe.
BUILD_DISK_MB = 3000


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
    told = engine.stdout + engine.stderr
    if "permission denied" in told:
        return "you may not talk to Docker's daemon; join its group: sudo usermod -aG docker $USER, then log in again"
    if engine.returncode or "Cannot connect" in told:
        return start
    if subprocess.run(["docker", "buildx", "version"], capture_output=True).returncode:
        return "docker has no buildx; install it: https://docs.docker.com/build/install-buildx/"
    return ""


def need_docker() -> None:
    """Raises Stop where images cannot be handled here; a wrong variable is told first, since it is wrong everywhere."""
    switches.check(os.environ)
    if problem := docker_problem():
        raise Stop(problem)


def bake_command(targets: list[str]) -> dict[str, Any]:
    """How bake is called, as `subprocess.run` takes it, with the facts of this tree as bake variables."""
    facts = {
        "REGISTRY": REGISTRY,
        "TAG": tag(),
        "REVISION": git("rev-parse", "HEAD"),
        "CREATED": git("log", "-1", "--format=%cI"),
        "SOURCE": source(),
        # Else every environment between base and lesson would become an image without a name, too.
        "BUILDX_NO_DEFAULT_LOAD": "1",
        # WHEELS, JARS and CERTIFICATES may be outside of the checkout, which newer buildx asks about at a terminal.
        "BUILDX_BAKE_ENTITLEMENTS_FS": "0",
    }
    # bake takes its variables from the environment.
    return {"args": ["docker", "buildx", "bake", *targets], "cwd": ROOT, "env": switches.of_builds() | facts}


def bake(targets: list[str]) -> None:
    """Builds bake targets."""
    need_disk(ROOT, BUILD_DISK_MB)
    command = bake_command(targets)
    if "ATTEST" in command["env"] and not keeps_attestations():
        raise Stop(
            "ATTEST=1 needs an engine with containerd's image store, to keep SBOM and provenance with the image; "
            'in its daemon.json: "features": {"containerd-snapshotter": true}'
        )
    command["env"]["BASE_IMAGE"] = base_image()
    if subprocess.run(**command).returncode:
        raise Stop("docker buildx bake failed, see above; where no registry is reached: BASE_IMAGE=<local image>")


def bake_plan(targets: list[str]) -> dict[str, dict[str, Any]]:
    """The targets that bake would build for `targets`, and what each is made of."""
    answer = subprocess.run(**bake_command(["--print", *targets]), capture_output=True, text=True)
    if answer.returncode:
        raise Stop(f"docker buildx bake: {last_line(answer.stderr)}")
    return json.loads(answer.stdout)["target"]


@functools.cache
def base_image() -> str:
    """The image that all images are built on, with its digest; one for all that this process builds and tests."""
    return pinned(bake_plan(["base"])["base"]["args"]["BASE_IMAGE"])


def keeps_attestations() -> bool:
    """Whether the engine has containerd's image store; its older one knows no attestations."""
    command = ["docker", "info", "--format", "{{json .DriverStatus}}"]
    return "containerd.snapshotter" in subprocess.run(command, capture_output=True, text=True).stdout


def build() -> None:
    """Builds the images of one lesson."""
    project = chosen()
    need_docker()
    bake(project.image_names)
    tell_built([project])


def build_all() -> None:
    """Builds the images of all lessons."""
    projects = lessons.every()
    need_docker()
    bake(["default"])
    tell_built(projects)


def tell_built(projects: list[Project]) -> None:
    """Prints every image with its size, and what all take together; those of several platforms stay in the builder."""
    together: set[tuple[str, ...]] = set()
    for reference in (reference for project in projects for reference in references(project).values()):
        layers = layers_of(reference)
        together |= layers
        print(f"built {reference}" + (f": {megabytes(layers)} MB" if layers else ""))
    if together:
        print(f"together: {megabytes(together)} MB, since images share layers")


def layers_of(reference: str) -> set[tuple[str, ...]]:
    """The layers of an image: bytes uncompressed, when and how it was made. Images that share one have it equal."""
    template = "{{.Size}}\t{{.CreatedAt}}\t{{.CreatedBy}}"
    command = ["docker", "history", "--no-trunc", "--human=false", "--format", template, reference]
    lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return {tuple(line.split("\t", 2)) for line in lines}


def megabytes(layers: set[tuple[str, ...]]) -> int:
    return sum(int(size) for size, *_ in layers) // 1_000_000
