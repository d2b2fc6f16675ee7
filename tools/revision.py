"""What the images of this tree are called: registry, tag, and the repository's own address."""

import functools
import json
import os
import shutil
import subprocess
import urllib.parse
from hashlib import sha256

from tools.lessons import Project, torch_is_cuda
from tools.paths import ROOT, SHARED

REGISTRY = os.environ.get("REGISTRY") or "localhost:30000"


def git(*arguments: str) -> str:
    """What git prints about this checkout; empty outside one."""
    if not shutil.which("git"):
        return ""
    answer = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True)
    return answer.stdout.strip() if answer.returncode == 0 else ""


@functools.cache
def tag() -> str:
    """The tag of images of this tree: its revision, -dirty when files have changed since, -cuda with CUDA's PyTorch."""
    revision = git("rev-parse", "--short=12", "HEAD") or "unversioned"
    dirty = "-dirty" if git("status", "--porcelain") else ""
    return revision + dirty + ("-cuda" if torch_is_cuda() else "")


def version(project: Project) -> str:
    """The version in which a lesson is registered on a cluster: VERSION, or the tag of its images.

    Of a tree with changes it has a hash of the lesson's files and the shared package's too, so that every
    change is a version of its own; with FAST, which other images run, it says so.
    """
    if named := os.environ.get("VERSION"):
        return named
    changed = f"-{content_hash(project)}" if git("status", "--porcelain") else ""
    return tag() + changed + ("-fast" if os.environ.get("FAST") else "")


def content_hash(project: Project) -> str:
    """Eight digits that change with any file of the lesson, or of the shared package, that git does not ignore."""
    folders = [str(folder.relative_to(ROOT)) for folder in (project.folder, SHARED / "workshop")]
    names = git("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *folders).split("\0")
    files = [(name, ROOT / name) for name in sorted(filter(None, names))]
    facts = [f"{name} {sha256(file.read_bytes()).hexdigest()}" for name, file in files if file.is_file()]
    return sha256("\n".join(facts).encode()).hexdigest()[:8]


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


def reference(image: str) -> str:
    """An image of this tree by its name, as `docker run` takes it."""
    return f"{REGISTRY}/{image}:{tag()}"


def references(project: Project) -> dict[str, str]:
    """The lesson's images by name, as `docker run` takes them."""
    return {name: reference(project.image_name(name)) for name in project.lesson.images}


def images(project: Project) -> str:
    """The lesson's images as JSON, for the harness: references, locks, and the interpreters of those."""
    facts = {name: {"reference": reference} for name, reference in references(project).items()}
    for name, image in project.lesson.images.items():
        if image.lock:
            environment = project.environment_of(image.lock)
            facts[name] |= {"python": str(environment.python), "lock": environment.lock.name}
    return json.dumps(facts)
