"""The image tier: builds with docker buildx bake, and runs every task inside its own image."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from tools import lessons
from tools.environments import need_disk
from tools.errors import Stop
from tools.lessons import Project
from tools.local import DEV, SHARED_TESTS, chosen, chosen_or_all
from tools.paths import OUT, ROOT, SHARED
from tools.revision import REGISTRY, git, images, references, source, tag
from tools.suites import pytest
from tools.uv import clean_environment

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
    if problem := docker_problem():
        raise Stop(problem)
    need_disk(ROOT, BUILD_DISK_MB)


def wheels() -> dict[str, str]:
    """The folder of wheels that uv is told about, for the builds too."""
    folders = clean_environment().get("UV_FIND_LINKS", "").split(",")
    return next(({"WHEELS": folder} for folder in folders if folder and Path(folder).is_dir()), {})


def bake(targets: list[str]) -> None:
    """Builds bake targets, with the facts of this tree as bake variables."""
    facts = {
        "REGISTRY": REGISTRY,
        "TAG": tag(),
        "REVISION": git("rev-parse", "HEAD"),
        "CREATED": git("log", "-1", "--format=%cI"),
        "SOURCE": source(),
    }
    # bake takes its variables from the environment.
    environment = {**wheels(), **os.environ, **facts}
    command = ["docker", "buildx", "bake", *([] if os.environ.get("PLATFORMS") else ["--load"]), *targets]
    if subprocess.run(command, cwd=ROOT, env=environment).returncode:
        raise Stop("docker buildx bake failed, see above; where no registry is reached: BASE_IMAGE=<local image>")


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


def test_image() -> int:
    """Builds, checks what every image must hold, then runs the lesson's cases with each task in its image."""
    projects = chosen_or_all()
    need_docker()
    bake([name for project in projects for name in project.image_names])
    print("\n== containers of the harness", flush=True)
    harness = pytest(SHARED_TESTS, SHARED, "--images", images(projects[0]), "image_tests")
    failed = ["shared"] * bool(harness) + [project.name for project in projects if not holds(project)]
    if failed:
        raise Stop(f"image tests failed: {', '.join(failed)}")
    return 0


def holds(project: Project) -> bool:
    """Whether a lesson's images pass the tests of images, and the lesson's cases inside them."""
    facts = [
        {
            "title": project.image_name(name),
            "reference": references(project)[name],
            "revision": git("rev-parse", "HEAD"),
            "size_mb": image.size_mb,
            "python": bool(image.lock),
            "module": image.imports or (project.entry_module if name == "default" else "flytekit"),
        }
        for name, image in project.lesson.images.items()
    ]
    print(f"\n== images of {project.name}", flush=True)
    status = pytest(DEV, ROOT / "images", "--images", json.dumps(facts), "tests")
    print(f"\n== tasks of {project.name}, each in its image", flush=True)
    words = ["--images", images(project), "--tier", "image", "--out", str(OUT), "-s"]
    status += pytest(project.environment, project.folder, *words, "tests")
    return status == 0
