"""`make test-image`: what every image must hold, and every task inside its own image."""

import json
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tools.core import git, side_by_side
from tools.core.errors import Stop
from tools.core.paths import OUT, ROOT, RUNNER, SHARED
from tools.environments.known import DEV, RUNNER_TESTS
from tools.environments.pins import pins
from tools.images import platforms
from tools.images.bake import bake, bake_plan, base_image
from tools.images.engine import need_docker
from tools.images.fingerprint import built, remember_tested
from tools.images.naming import images, reference, references
from tools.lessons.bases import BASES, Base
from tools.lessons.catalog import Project
from tools.lessons.chosen import chosen_or_all, longest_first
from tools.tiers.pytest import pytest


def test_image() -> None:
    """Builds, checks what every image must hold, then runs the lessons' cases with each task in its image.

    Without PROJECT the images that lessons build on are checked too.
    """
    projects = chosen_or_all()
    side_by_side.jobs()  # a wrong JOBS is reported before anything is built
    need_docker()
    platform = platforms.only("test-image")
    platforms.need_run(platform)
    # docker run then accepts an image of this platform only. It would warn about one of another platform.
    os.environ["DOCKER_DEFAULT_PLATFORM"] = platform
    targets = [name for project in projects for name in project.image_names]
    bases = [] if os.environ.get("PROJECT") else [name for name in bake_plan(targets) if name in BASES]
    bake([*targets, *bases])
    words = ("--images", images(projects[0]), "image_tests")
    suites: dict[str, side_by_side.Work] = {"the harness": partial(pytest, RUNNER_TESTS, RUNNER, *words)}
    if bases:
        suites["images that lessons build on"] = partial(test_images, [facts_of_base(name) for name in bases])
    suites |= {project.name: partial(test_lesson, project) for project in longest_first(projects)}
    DEV.ensure()
    if failed := side_by_side.failed(suites, "containers of"):
        raise Stop(f"image tests failed: {', '.join(failed)}")


def test_lesson(project: Project) -> int:
    """Tests a lesson's images, and runs its cases inside them."""
    words = ["--images", images(project), "--tier", "image", "--out", str(OUT), "-s", "tests"]
    of_images = [facts(project, name) for name in project.lesson.images]
    return test_images(of_images, partial(pytest, project.environment, project.folder, *words))


def test_images(images: Sequence[dict[str, Any]], cases: side_by_side.Work = lambda: 0) -> int:
    """Tests images, given by their facts, for what every image must hold, and by cases; remembers those that pass."""
    contents = [found.content for image in images if (found := built(image["reference"]))]
    status = pytest(DEV, ROOT / "images", "--images", json.dumps(images), "tests")
    status = cases() or status
    if not status:
        remember_tested(contents)
    return status


def facts(project: Project, name: str) -> dict[str, Any]:
    """What the tests of images must know of one of a lesson's images."""
    image = project.lesson.images[name]
    if project.is_fixture:
        return facts_of_base(image.base)
    return {
        "title": project.image_name(name),
        "reference": references(project)[name],
        "size_mb": image.size_mb,
        "app": app_of(project) if image.lock else [],
        "imports": image.imports or (project.entry_module if name == "default" else "flytekit"),
        **facts_of_lock(project.folder / image.lock if image.lock else None),
    }


def app_of(project: Project) -> list[str]:
    """What the folder of the code must hold in an image of the lesson."""
    shared = [path.name for path in (SHARED / "workshop").iterdir() if path.name != "__pycache__"]
    return [f"/app/{project.package}", "/app/workshop", *(f"/app/workshop/{name}" for name in shared)]


def facts_of_base(name: Base) -> dict[str, Any]:
    """The same of an image that lessons build on."""
    base = BASES[name]
    about = {"title": name, "reference": reference(name), "size_mb": base.size_mb, "imports": base.imports}
    return about | {"app": []} | facts_of_lock(base.lock)


def facts_of_lock(lock: Path | None) -> dict[str, Any]:
    """What a lock says of an image; revision, base image and platform are the same for all."""
    installed = {name for name, _ in pins(lock)} if lock else set()
    of_all = {"revision": git.answer("rev-parse", "HEAD"), "base_image": base_image()}
    of_all["platform"] = platforms.only("test-image")
    return {**of_all, "flyte": "flytekit" in installed, "pip": "pip" in installed}
