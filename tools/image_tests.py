"""`make test-image`: what every image must hold, and every task inside its own image."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.bases import BASES, Base
from tools.contents import built, remember_tested
from tools.environments import pins
from tools.errors import Stop
from tools.images import bake, bake_plan, need_docker
from tools.lessons import Project
from tools.local import DEV, SHARED_TESTS, chosen_or_all
from tools.paths import OUT, ROOT, SHARED
from tools.revision import git, images, reference, references
from tools.suites import pytest


def test_image() -> int:
    """Builds, checks what every image must hold, then runs the lessons' cases with each task in its image.

    Without PROJECT the images that lessons build on are checked too.
    """
    projects = chosen_or_all()
    need_docker()
    targets = [name for project in projects for name in project.image_names]
    bases = [] if os.environ.get("PROJECT") else [name for name in bake_plan(targets) if name in BASES]
    bake([*targets, *bases])
    print("\n== containers of the harness", flush=True)
    harness = pytest(SHARED_TESTS, SHARED, "--images", images(projects[0]), "image_tests")
    failed = ["shared"] * bool(harness)
    failed += ["images"] * (not bases_hold(bases))
    failed += [project.name for project in projects if not holds(project)]
    if failed:
        raise Stop(f"image tests failed: {', '.join(failed)}")
    return 0


def holds(project: Project) -> bool:
    """Whether a lesson's images pass the tests of images, and the lesson's cases inside them."""
    tested = [built(name) for name in references(project).values()]
    passed = are_as_they_must([facts(project, name) for name in project.lesson.images], f"images of {project.name}")
    print(f"\n== tasks of {project.name}, each in its image", flush=True)
    words = ["--images", images(project), "--tier", "image", "--out", str(OUT), "-s"]
    passed &= pytest(project.environment, project.folder, *words, "tests") == 0
    if passed:
        remember_tested(tested)
    return passed


def bases_hold(names: Sequence[Base]) -> bool:
    """Whether the images that lessons build on pass the tests of images."""
    tested = [built(reference(name)) for name in names]
    passed = not names or are_as_they_must([facts_of_base(name) for name in names], "images that lessons build on")
    if passed:
        remember_tested(tested)
    return passed


def are_as_they_must(images: Sequence[dict[str, Any]], title: str) -> bool:
    """Whether images, given by their facts, pass the tests of images."""
    print(f"\n== {title}", flush=True)
    return pytest(DEV, ROOT / "images", "--images", json.dumps(images), "tests") == 0


def facts(project: Project, name: str) -> dict[str, Any]:
    """What the tests of images must know of one of a lesson's images."""
    image = project.lesson.images[name]
    return {
        "title": project.image_name(name),
        "reference": references(project)[name],
        "size_mb": image.size_mb,
        "imports": image.imports or (project.entry_module if name == "default" else "flytekit"),
        **facts_of_lock(project.folder / image.lock if image.lock else None),
    }


def facts_of_base(name: Base) -> dict[str, Any]:
    """The same of an image that lessons build on."""
    base = BASES[name]
    about = {"title": name, "reference": reference(name), "size_mb": base.size_mb, "imports": base.imports}
    return about | facts_of_lock(base.lock)


def facts_of_lock(lock: Path | None) -> dict[str, Any]:
    """What a lock tells of an image, and the revision, which is the same for all."""
    installed = {name for name, _ in pins(lock)} if lock else set()
    return {"revision": git("rev-parse", "HEAD"), "flyte": "flytekit" in installed, "pip": "pip" in installed}
