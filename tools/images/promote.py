"""`make promote`: one more name, that of a release, for the images that are published of this revision.

Nothing is built or copied: the name leads to the very image that was tested, attested and signed.
"""

import os
import re
from typing import Any

from tools.core import git
from tools.core.errors import Stop
from tools.images import registry
from tools.images.engine import need_docker
from tools.images.naming import REGISTRY, reference, tag
from tools.images.selection import names

TAG = re.compile(r"\w[\w.-]{0,127}")


def name() -> str:
    """The release that NAME names."""
    found = os.environ.get("NAME", "")
    if not TAG.fullmatch(found):
        raise Stop(f"NAME must be the name of a release that is a valid image tag, such as v1.0, not {found!r}")
    return found


def promote() -> None:
    """Names all images of this revision, or those of PROJECT's lesson; the tags of a release are immutable."""
    need_docker()
    release = name()
    if git.answer("status", "--porcelain"):
        raise Stop(
            f"files have changed since the last commit, and {release} can name a commit only; commit or undo them"
        )
    published = {image: registry.inspect(reference(image)) for image in names()}
    if missing := [reference(image) for image, found in published.items() if not found]:
        raise Stop(f"not published: {', '.join(missing)}; first: make publish, or wait until CI has published {tag()}")
    named = {image: registry.inspect(f"{REGISTRY}/{image}:{release}") for image in published}
    if others := [image for image, found in named.items() if found and not is_same(found, published[image])]:
        raise Stop(
            f"{release} names other images already: {', '.join(others)}; release tags are immutable: "
            "choose another name"
        )
    for image in published:
        whole = f"{REGISTRY}/{image}:{release}"
        if not named[image]:
            registry.create(whole, [f"{REGISTRY}/{image}@{published[image]['manifest']['digest']}"])
        print(f"{whole}@{registry.digest(whole)}", flush=True)


def is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two published images are made of the same; that of one platform may be in an index or not."""
    return registry.manifests(one) == registry.manifests(other)
