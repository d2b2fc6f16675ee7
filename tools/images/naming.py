"""What the images of this tree, and the versions of its lessons, are called."""

import functools
import json
import os
from hashlib import sha256

from tools.core import git
from tools.core.errors import Stop
from tools.core.paths import ROOT
from tools.core.variables import switch
from tools.lessons.catalog import Project, torch_is_cuda
from tools.lessons.shared_files import shared_files

SANDBOX = "localhost:30000"  # the registry of the sandbox
UNVERSIONED = "unversioned"
REGISTRY = os.environ.get("REGISTRY") or SANDBOX


@functools.cache
def tag() -> str:
    """The tag of images of this tree: its revision, -dirty when files have changed since, -cuda with CUDA's PyTorch."""
    commit, dash, dirty = git.revision().partition("-")
    return (commit[:12] or UNVERSIONED) + dash + dirty + variant()


def variant() -> str:
    """What ends the tags of images with the CUDA build of PyTorch; empty for the usual one."""
    return "-cuda" if torch_is_cuda() else ""


def version(project: Project) -> str:
    """The version in which a lesson is registered on a cluster: VERSION, or the tag of its images.

    For a tree with changes, a hash of the lesson's files and of the shared files that it imports is added, so that
    every change is a version of its own. With FAST=1 the version says so, since other images run it.
    """
    if named := os.environ.get("VERSION"):
        return named
    changed = f"-{content_hash(project)}" if git.revision().endswith("-dirty") else ""
    return tag() + changed + ("-fast" if switch("FAST") else "")


def content_hash(project: Project) -> str:
    """Eight digits that change with any file of the lesson that git does not ignore, and any shared file it imports."""
    files = sorted({*git.files(project.folder), *shared_files(project)})
    facts = [f"{file.relative_to(ROOT)} {sha256(file.read_bytes()).hexdigest()}" for file in files]
    return sha256("\n".join(facts).encode()).hexdigest()[:8]


def reference(image: str) -> str:
    """An image of this tree by its name, as `docker run` takes it."""
    return f"{REGISTRY}/{image}:{tag()}"


def references(project: Project) -> dict[str, str]:
    """The lesson's images by name, as `docker run` takes them."""
    return {name: reference(project.image_name(name)) for name in project.lesson.images}


def images(project: Project) -> str:
    """The lesson's images as JSON, for the harness: references, locks, and the interpreters of those."""
    code: dict[str, object] = {"has_code": False} if project.is_fixture else {}
    try:
        named = references(project)
    except Stop:  # git refuses; processes need no tag, and before containers start, `bake` has stopped
        named = {name: f"{project.image_name(name)}:{UNVERSIONED}" for name in project.lesson.images}
    facts = {name: {"reference": reference, **code} for name, reference in named.items()}
    for name, image in project.lesson.images.items():
        if image.lock:
            python, lock = project.environment_of_image(image).python, project.environment_of(image.lock).lock
            facts[name] |= {"python": str(python), "lock": lock.name}
    return json.dumps(facts)
