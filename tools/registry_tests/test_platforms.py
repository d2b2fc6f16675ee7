"""An image for another platform than the engine's is published only if PLATFORMS names that platform."""

import json
import subprocess

import pytest

from tools.images.fingerprint import built
from tools.images.platforms import of_engine
from tools.registry_tests.conftest import LESSON


@pytest.fixture
def foreign() -> str:
    """The platform that the engine does not have."""
    return ({"linux/amd64", "linux/arm64"} - {of_engine()}).pop()


def architecture(registry, tag: str) -> str:
    """The architecture of a published image, from its configuration."""
    manifest = json.loads(registry.get(f"{LESSON}/manifests/{tag}"))
    for part in manifest.get("manifests", []):
        if part["platform"]["os"] == "linux":
            manifest = json.loads(registry.get(f"{LESSON}/manifests/{part['digest']}"))
    return json.loads(registry.get(f"{LESSON}/blobs/{manifest['config']['digest']}"))["architecture"]


def test_an_image_for_another_platform_is_published_by_its_name_only(registry, checkout, other, foreign, tmp_path):
    taken = other()
    name = f"{taken.name}/{LESSON}:{checkout.tag}"
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\nUSER 1000\n")
    build = ["docker", "buildx", "build", "--quiet", "--load", "--platform", foreign, "--tag", name, tmp_path]
    subprocess.run(build, check=True, capture_output=True)
    words, here = ("publish", f"PROJECT={LESSON}"), of_engine()

    line = checkout.stopped(*words, REGISTRY=taken.name)
    assert line.startswith(f"make publish: built for {foreign}, not for {here}: {name}; ")
    line = checkout.stopped(*words, REGISTRY=taken.name, PLATFORMS=foreign)
    assert line.endswith(f"{name}; first: make test-image PROJECT={LESSON} PLATFORMS={foreign}")
    assert taken.tags(LESSON) == []

    # As if it had passed its tests.
    (checkout.folder / ".tools" / "tested" / built(name).content).touch()
    answer = checkout.make(*words, REGISTRY=taken.name, PLATFORMS=foreign)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert f"linux/{architecture(taken, checkout.tag)}" == foreign
    again = checkout.make(*words, REGISTRY=taken.name, PLATFORMS=foreign)
    assert again.stdout.startswith(f"already published, unchanged: {name}@sha256:")

    # The tested image for the engine's platform, under the same name.
    subprocess.run(["docker", "tag", f"{registry.name}/{LESSON}:{checkout.tag}", name], check=True)
    line = checkout.stopped(*words, REGISTRY=taken.name)
    assert line.startswith(f"make publish: published already for {foreign}, not for {here}: {name}@sha256:")
    assert f"linux/{architecture(taken, checkout.tag)}" == foreign
