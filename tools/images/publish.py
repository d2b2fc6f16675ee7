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
from tools.images.platforms import in_command, only
from tools.images.selection import is_revision, names


def need_built(platform: str, tested: bool) -> dict[str, str]:
    """The contents of the images to publish.

    Raises:
        Stop: some are not built for the platform, or, if `tested` asks for that, were not tested as they are.
    """
    of_project = f" PROJECT={project}" if (project := os.environ.get("PROJECT")) else ""
    first = f"first: make test-image{of_project}{in_command()}"
    images = {reference(name): built(reference(name)) for name in names()}
    if missing := [image for image, found in images.items() if not found]:
        raise Stop(f"not built: {', '.join(missing)}; {first}")
    found = {image: found for image, found in images.items() if found}
    if others := {image: built.platform for image, built in found.items() if built.platform != platform}:
        other = next(iter(others.values()))
        raise Stop(
            f"built for {other}, not for {platform}: {', '.join(others)}; to publish them: "
            f"make publish{of_project} PLATFORMS={other}; otherwise {first}"
        )
    untested = [image for image, built in found.items() if not is_tested(built.content)]
    if tested and untested:
        raise Stop(f"not tested in its present state: {', '.join(untested)}; {first}")
    return {image: built.content for image, built in found.items()}


def need_free(contents: dict[str, str], platform: str) -> dict[str, str]:
    """The digests of those that are published already; Stop where the registry has another content."""
    there, others = {}, []
    for image, content in contents.items():
        if found := registry.inspect(image):
            there[image] = found["manifest"]["digest"]
            known = published(found["image"])
            if platform not in known:
                raise Stop(
                    f"published already for {', '.join(known)}, not for {platform}: {image}@{there[image]}; publish "
                    "each platform to a REGISTRY of its own, then join them: make publish-index (docs/images.md)"
                )
            others += [] if known[platform] == content else [f"{image}@{there[image]}"]
    if others:
        raise Stop(
            f"published already with another content: {', '.join(others)}; revision tags are immutable: use the "
            "published image (docker pull), or commit, so that your image gets a tag of its own"
        )
    return there


def push(image: str, platform: str, content: str) -> str:
    """Pushes an image of the engine, and reads it back: its digest, and whether the registry has its attestations."""
    print(f"pushing {image}", flush=True)
    answer = subprocess.run(["docker", "push", image], stderr=subprocess.PIPE, text=True)
    if answer.returncode:
        raise registry.failure(image, answer.stderr)
    found = registry.inspect(image)
    if not found or published(found["image"]).get(platform) != content:
        raise Stop(f"{image}: the registry has another image than the one just pushed; did somebody else push it too?")
    if registry.has_sbom(image):
        return f"{found['manifest']['digest']} with SBOM and provenance"
    if switch("ATTEST"):
        raise Stop(f"{image}: ATTEST=1 asks for an SBOM, and it was built without; first: make test-image ATTEST=1")
    return f"{found['manifest']['digest']} without SBOM (see docs/images.md)"


def publish() -> None:
    """Pushes what is not published yet, and prints the digest of every image."""
    need_docker()
    platform = only("publish")
    revision = is_revision()
    contents = need_built(platform, tested=revision)
    there = need_free(contents, platform) if revision else {}
    # With its older image store, docker itself repeats each upload for most of a minute.
    pauses = registry.PAUSES if keeps_attestations() else registry.PAUSES[:1]
    for image, content in contents.items():
        if image in there:
            print(f"already published, unchanged: {image}@{there[image]}")
        else:
            print(f"published {image}@{registry.retried(partial(push, image, platform, content), pauses)}", flush=True)
