"""`make publish`: pushes the images that passed their tests, as they are, under the revision that they are made from.

Nothing is built here. A tag with a revision never gets another content: an image that has it already is left as it
is, and one with another content is an error. A registry takes the layers first and the tag last, so that a push
that is cut off leaves no half image.
"""

import os
import subprocess
from functools import partial

from tools.core.errors import Stop
from tools.core.variables import switch
from tools.images import registry
from tools.images.engine import keeps_attestations, need_docker
from tools.images.fingerprint import built, is_tested, published
from tools.images.naming import reference
from tools.images.selection import is_revision, names


def need_built(contents: dict[str, str], tested: bool) -> None:
    """Raises Stop for images that are not built, or, if that is asked for, were not tested as they are."""
    project = os.environ.get("PROJECT")
    first = "first: make test-image" + (f" PROJECT={project}" if project else "")
    if missing := [image for image, content in contents.items() if not content]:
        raise Stop(f"not built: {', '.join(missing)}; {first}")
    untested = [image for image, content in contents.items() if not is_tested(content)]
    if tested and untested:
        raise Stop(f"not tested as it is now: {', '.join(untested)}; {first}")


def need_free(contents: dict[str, str]) -> dict[str, str]:
    """The digests of those that are published already; Stop where the registry has another content."""
    there, others = {}, []
    for image, content in contents.items():
        if found := registry.inspect(image):
            there[image] = found["manifest"]["digest"]
            others += [] if published(found["image"]) == content else [f"{image}@{there[image]}"]
    if others:
        raise Stop(
            f"published already with another content: {', '.join(others)}; a revision's tag stays what it is: use the "
            "published image (docker pull), or commit, so that this one gets a tag of its own"
        )
    return there


def push(image: str) -> str:
    """Pushes an image of the engine, and reads it back: its digest, and whether the registry has its attestations."""
    print(f"pushing {image}", flush=True)
    answer = subprocess.run(["docker", "push", image], stderr=subprocess.PIPE, text=True)
    if answer.returncode:
        raise registry.failure(image, answer.stderr)
    found = registry.inspect(image)
    if not found or published(found["image"]) != built(image):
        raise Stop(f"{image}: the registry has something else than was pushed; did someone else push it too?")
    if registry.has_sbom(image):
        return f"{found['manifest']['digest']} with SBOM and provenance"
    if switch("ATTEST"):
        raise Stop(f"{image}: ATTEST=1 asks for an SBOM, and it was built without; first: make test-image ATTEST=1")
    return f"{found['manifest']['digest']} without SBOM (see docs/images.md)"


def publish() -> int:
    """Pushes what is not published yet, and prints the digest of every image."""
    need_docker()
    revision = is_revision()
    contents = {reference(name): built(reference(name)) for name in names()}
    need_built(contents, tested=revision)
    there = need_free(contents) if revision else {}
    # With its older image store, docker itself repeats each upload for most of a minute.
    pauses = registry.PAUSES if keeps_attestations() else registry.PAUSES[:1]
    for image in contents:
        if image in there:
            print(f"already published, unchanged: {image}@{there[image]}")
        else:
            print(f"published {image}@{registry.retried(partial(push, image), pauses)}", flush=True)
    return 0
