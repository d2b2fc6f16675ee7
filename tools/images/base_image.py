"""The image that all images are built on, pinned by its digest: what is built and what the labels say are one image."""

import json
import re
import subprocess

from tools.core.errors import Stop
from tools.images import registry

# The tag and the digest of a reference; a colon before a slash belongs to the registry's port.
TAG_AND_DIGEST = re.compile(r"(:[^/:@]+)?(@.*)?$")


def qualified(reference: str) -> str:
    """The reference with its registry, as the OCI labels want it: python:3.11 is docker.io/library/python:3.11."""
    first, slash, _ = reference.partition("/")
    if slash and (re.search("[.:]", first) or first == "localhost"):
        return reference
    return f"docker.io/{reference}" if slash else f"docker.io/library/{reference}"


def repository(reference: str) -> str:
    """The reference without tag and digest."""
    return TAG_AND_DIGEST.sub("", qualified(reference))


def digests(image: str) -> list[str] | None:
    """The references by digest, repository@sha256:…, under which the engine knows an image; None if it lacks it.

    The list is empty for an image that was made on this machine, in an engine with Docker's older image store.
    """
    command = ["docker", "image", "inspect", "--format", "{{json .RepoDigests}}", image]
    answer = subprocess.run(command, capture_output=True, text=True)
    return json.loads(answer.stdout) if answer.returncode == 0 else None


def pull(image: str) -> None:
    """Fetches an image into the engine, by the mirrors and the credentials that its builds use.

    Raises:
        Stop: the registry does not answer, or does not have the image.
    """
    print(f"pulling {image}", flush=True)
    answer = subprocess.run(["docker", "pull", image], stderr=subprocess.PIPE, text=True)
    if answer.returncode:
        reason = registry.reason(qualified(image), answer.stderr)
        raise Stop(f"{reason}; if no registry can be reached, name a local image: BASE_IMAGE=<image>")


def pinned(image: str) -> str:
    """The image with its digest; as it is given if the engine knows no digest for it.

    An image that the engine has is not fetched again: `docker pull` fetches a newer one. The digest is the one that the
    tag has in its registry, which is the same for all platforms.

    Raises:
        Stop: the image has to be fetched and cannot be.
    """
    if "@" in image:
        return qualified(image)
    found = digests(image)
    if found is None:
        pull(image)
        found = digests(image) or []
    of_name = [known.partition("@")[2] for known in found if repository(known) == repository(image)]
    return f"{qualified(image)}@{of_name[0]}" if of_name else image
