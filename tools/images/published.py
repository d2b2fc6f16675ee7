"""A lesson's images as a cluster gets them: from the registry, by their digests."""

import os
import shutil
from collections.abc import Iterator

from tools.core import git
from tools.core.errors import Stop
from tools.core.variables import switch
from tools.images import build_variables, registry
from tools.images.bake import bake_plan
from tools.images.engine import docker_problem
from tools.images.naming import REGISTRY, tag, variant
from tools.images.sources import files_of
from tools.lessons.catalog import Project

# Commits that are looked through for an image, the newest first.
COMMITS = 20


def references(project: Project) -> dict[str, str]:
    """The lesson's images of this tree by name, each with its digest; raises Stop if the registry lacks one."""
    build_variables.check(os.environ)
    if not shutil.which("docker"):
        raise Stop(docker_problem())
    return {name: reference(project, name) for name in project.lesson.images}


def reference(project: Project, name: str) -> str:
    """An image of this tree by its digest, or with FAST the newest one that differs in Python files only."""
    image = project.image_name(name)
    if digest := registry.digest(f"{REGISTRY}/{image}:{tag()}"):
        return f"{REGISTRY}/{image}@{digest}"
    step = f"make publish PROJECT={project.name}"
    if not switch("FAST"):
        raise Stop(
            f"{REGISTRY}/{image}:{tag()} is not in the registry, from which the cluster pulls it; push it first: {step}"
        )
    tried = []
    for revision, files in commits(image):
        tried.append(revision)
        if other := [file for file in files if not file.endswith(".py")]:
            raise Stop(
                f"FAST=1 finds no image of {image} to run this code in: {other[0]} differs from revision "
                f"{revision}, and FAST=1 uploads Python files only; {step}"
            )
        if digest := registry.digest(f"{REGISTRY}/{image}:{revision}{variant()}"):
            differs = f"{len(files)} Python files differ" if files else "with the same code"
            print(f"FAST=1: {image} of revision {revision}, {differs}", flush=True)
            return f"{REGISTRY}/{image}@{digest}"
    raise Stop(f"FAST=1 finds no image of {image} in the registry, of {len(tried)} revisions; push one first: {step}")


def say_without_client(project: Project, references: dict[str, str]) -> None:
    """Says which of the lesson's published images have no client for an object store, which Spark needs there."""
    for name, image in project.lesson.images.items():
        if image.base == "spark-base" and not registry.labels(references[name]).get("jars"):
            print(
                f"{project.image_name(name)} has no client for S3, so Spark will not find its data on a cluster; "
                "make jars, then build, test and publish it again",
                flush=True,
            )


def commits(image: str) -> Iterator[tuple[str, list[str]]]:
    """The newest revisions, each with the files that differ from this tree and that the image is made from."""
    plan = bake_plan([image])
    for revision in git.ask("rev-list", f"--max-count={COMMITS}", "HEAD").split():
        files, _ = git.changed_files(revision)
        yield revision[:12], sorted(files_of(plan, files)(image))
