"""`make publish-index`: makes one image of what a machine of each platform has built, tested and published.

Nothing is built here, and every layer is copied as it is: into REGISTRY, from the registries that PARTS names, such
as localhost:5000/amd64 and localhost:5000/arm64.
"""

import os
import subprocess
import sys

from tools import registry, switches
from tools.errors import Stop
from tools.images import need_docker
from tools.local import chosen_or_all
from tools.publish import is_revision
from tools.revision import reference, tag


def parts() -> list[str]:
    """The registries that have the image of one platform each."""
    found = os.environ.get("PARTS", "").split()
    if not found or not all(map(switches.registry, found)):
        raise Stop(
            f"PARTS is {' '.join(found)!r}; it names the registries of the images of each platform: "
            "PARTS='localhost:5000/amd64 localhost:5000/arm64'"
        )
    return found


def sources(image: str) -> list[str]:
    """The images to join, by digest; Stop where one is not published."""
    found = {part: registry.digest(f"{part}/{image}:{tag()}") for part in parts()}
    for part, digest in found.items():
        if not digest:
            raise Stop(f"{part} has no {image}:{tag()}; publish it there first: make publish REGISTRY={part}")
    return [f"{part}/{image}@{digest}" for part, digest in found.items()]


def join(image: str, images: list[str]) -> None:
    whole = reference(image)
    command = ["docker", "buildx", "imagetools", "create", "--tag", whole, *images]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode:
        raise Stop(registry.reason(whole, answer.stderr))


def publish_index() -> None:
    """Joins what is not joined yet; prints nothing but the images with their digests, for a program to sign."""
    need_docker()
    switches.check(os.environ)
    is_revision()
    names = [name for project in chosen_or_all() for name in project.image_names]
    there = {name: registry.digest(reference(name)) for name in names}
    # All are looked up before one is made.
    to_join = {name: sources(name) for name in names if not there[name]}
    for name in names:
        if name in to_join:
            join(name, to_join[name])
        else:
            print(f"already published, left as it is: {reference(name)}", file=sys.stderr)
        print(f"{reference(name)}@{registry.digest(reference(name))}", flush=True)
