"""`make publish-index`: makes one image of what a machine of each platform has built, tested and published.

Nothing is built here, and every layer is copied as it is: into REGISTRY, from the registries that PARTS names, such
as localhost:5000/amd64 and localhost:5000/arm64.
"""

import os
import sys
from typing import Any

from tools.core.errors import Stop
from tools.images import registry
from tools.images.build_variables import REGISTRY
from tools.images.engine import need_docker
from tools.images.naming import reference, tag
from tools.images.selection import is_revision, names

Parts = dict[str, dict[str, Any]]


def places() -> list[str]:
    """The registries that have the image of one platform each."""
    found = os.environ.get("PARTS", "").split()
    if not found or not all(map(REGISTRY.fullmatch, found)):
        raise Stop(
            f"PARTS must name a registry for the images of each platform, not {' '.join(found)!r}: "
            "PARTS='localhost:5000/amd64 localhost:5000/arm64'"
        )
    return found


def parts(image: str) -> Parts:
    """What to join, by its reference with digest; Stop where one is not published."""
    found = {}
    for place in places():
        part = registry.inspect(f"{place}/{image}:{tag()}")
        if not part:
            raise Stop(f"{place} has no {image}:{tag()}; publish it there first: make publish REGISTRY={place}")
        found[f"{place}/{image}@{part['manifest']['digest']}"] = part
    return found


def is_joined(image: str, of: Parts) -> bool:
    """Whether the revision's image is published already; Stop where it is made of anything else."""
    there = registry.inspect(reference(image))
    if there and registry.manifests(there) != set().union(*map(registry.manifests, of.values())):
        raise Stop(
            f"published already with another content: {reference(image)}@{there['manifest']['digest']}; "
            "revision tags are immutable: use the published image, or commit, so that your image gets a tag of its own"
        )
    return bool(there)


def publish_index() -> None:
    """Joins what is not joined yet; prints nothing but the images with their digests, for a program to sign."""
    need_docker()
    revision = is_revision()
    # All are looked up before one is made.
    found = {name: parts(name) for name in names()}
    joined = {name for name, of in found.items() if revision and is_joined(name, of)}
    for name, of in found.items():
        if name in joined:
            print(f"already published, unchanged: {reference(name)}", file=sys.stderr)
        else:
            registry.create(reference(name), of)
        print(f"{reference(name)}@{registry.digest(reference(name))}", flush=True)
