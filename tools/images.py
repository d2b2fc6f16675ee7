"""The image tier: builds with docker buildx bake, and runs every task inside its own image."""

import functools
import json
import os
import shutil
import subprocess
import urllib.parse

from tools import lessons
from tools.environments import need_disk
from tools.errors import Stop
from tools.lessons import Project
from tools.local import DEV, SHARED_TESTS, chosen, chosen_or_all, pytest
from tools.paths import OUT, ROOT, SHARED

REGISTRY = os.environ.get("REGISTRY") or "localhost:30000"
DAEMON_SECONDS = 20
# An uncompressed image, the build's own copy of it, and room to breathe.
BUILD_DISK_MB = 3000


def git(*arguments: str) -> str:
    """What git prints about this checkout; empty outside one."""
    if not shutil.which("git"):
        return ""
    answer = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True)
    return answer.stdout.strip() if answer.returncode == 0 else ""


@functools.cache
def tag() -> str:
    """The tag of images of this tree: its revision, with -dirty when files have changed since."""
    revision = git("rev-parse", "--short=12", "HEAD") or "unversioned"
    return revision + ("-dirty" if git("status", "--porcelain") else "")


def source() -> str:
    """The repository's address as a browser opens it, without credentials; empty if it has none."""
    remote = git("remote", "get-url", "origin")
    if "://" not in remote:
        # git@host:path, as ssh takes it; else a folder.
        user_and_host, colon, path = remote.partition(":")
        remote = f"ssh://{user_and_host}/{path}" if colon and "@" in user_and_host else ""
    address = urllib.parse.urlsplit(remote)
    if address.scheme not in ("https", "ssh") or not address.hostname:
        return ""
    # Of an ssh address the port is no browser's.
    host = address.netloc.rpartition("@")[2] if address.scheme == "https" else address.hostname
    return f"https://{host}/{address.path.strip('/').removesuffix('.git')}"


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


def references(project: Project) -> dict[str, str]:
    """The lesson's images by name, as `docker run` takes them."""
    return {name: f"{REGISTRY}/{project.image_name(name)}:{tag()}" for name in project.lesson.images}


def bake(targets: list[str]) -> None:
    """Builds bake targets, with the facts of this tree as bake variables."""
    facts = {
        "REGISTRY": REGISTRY,
        "TAG": tag(),
        "REVISION": git("rev-parse", "HEAD"),
        "CREATED": git("log", "-1", "--format=%cI"),
        "SOURCE": source(),
    }
    # bake takes its variables from the environment; the lessons' own variables are none of its business.
    environment = {**os.environ, **facts}
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
    """Prints every image with the bytes of its layers, uncompressed; those of several platforms stay in the builder."""
    for reference in (reference for project in projects for reference in references(project).values()):
        command = ["docker", "image", "inspect", "--format", "{{.Size}}", reference]
        size = subprocess.run(command, capture_output=True, text=True).stdout.strip()
        print(f"built {reference}" + (f": {int(size) // 1_000_000} MB" if size else ""))


def test_image() -> int:
    """Builds, checks what every image must hold, then runs the lesson's cases with each task in its image."""
    projects = chosen_or_all()
    need_docker()
    bake([name for project in projects for name in project.image_names])
    print("\n== containers of the harness", flush=True)
    image = next(iter(references(projects[0]).values()))
    harness = pytest(SHARED_TESTS, SHARED, "--image", f"default={image}", "image_tests")
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
            "module": project.lesson.entry_point.split(":")[0] if name == "default" else "",
        }
        for name, image in project.lesson.images.items()
    ]
    print(f"\n== images of {project.name}", flush=True)
    status = pytest(DEV, ROOT / "images", "--images", json.dumps(facts), "tests")
    print(f"\n== tasks of {project.name}, each in its image", flush=True)
    words = [word for name, reference in references(project).items() for word in ("--image", f"{name}={reference}")]
    words += ["--tier", "image", "--out", str(OUT), "-s"]
    status += pytest(project.environment, project.folder, *words, "tests")
    return status == 0
