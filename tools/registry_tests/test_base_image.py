"""An image says which digest of its base it was built on, and is built on that digest."""

import hashlib
import json
import re
import subprocess
import uuid
from collections.abc import Iterator

import pytest

from tools.core.errors import Stop
from tools.images import bake, base_image
from tools.images.naming import tag
from tools.registry_tests.conftest import Registry, running


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def registry(tmp_path) -> Iterator[Registry]:
    with running(tmp_path) as registry:
        yield registry


@pytest.fixture
def published(registry, monkeypatch) -> Iterator[str]:
    """The name of the base image in the registry; the engine does not have that name any more.

    The image that is built on it has a name of its own, so that the one of this tree stays.
    """
    name = f"{registry.name}/team/python:3.11"
    docker("tag", bake.bake_plan(["base"])["base"]["args"]["BASE_IMAGE"], name)
    docker("push", "--quiet", name)
    docker("image", "rm", name)
    monkeypatch.setenv("BASE_IMAGE", name)
    monkeypatch.setattr(bake, "REGISTRY", registry.name)
    bake.base_image.cache_clear()
    yield name
    bake.base_image.cache_clear()
    subprocess.run(["docker", "image", "rm", name, built(registry)], capture_output=True)


def built(registry: Registry) -> str:
    return f"{registry.name}/base:{tag()}"


def labels(registry: Registry) -> list[str | None]:
    """What the labels of the image base say of its own base: name and digest."""
    found = json.loads(docker("image", "inspect", "--format", "{{json .Config.Labels}}", built(registry)))
    return [found.get(f"org.opencontainers.image.base.{what}") for what in ("name", "digest")]


def digest_in(registry: Registry) -> str:
    return f"sha256:{hashlib.sha256(registry.get('team/python/manifests/3.11')).hexdigest()}"


@pytest.mark.usefixtures("published")
def test_the_labels_have_the_digest_that_the_registry_has(registry, published):
    bake.bake(["base"])
    assert labels(registry) == [published, digest_in(registry)]
    first = digest_in(registry)
    # The engine has it now: the next build needs no registry, and says the same.
    registry.stop()
    bake.base_image.cache_clear()
    bake.bake(["base"])
    assert labels(registry) == [published, first]


def test_a_local_image_that_no_registry_knows(attests):
    name = f"local-{uuid.uuid4()}:1"
    docker("tag", bake.bake_plan(["base"])["base"]["args"]["BASE_IMAGE"], name)
    try:
        found = base_image.pinned(name)
    finally:
        docker("image", "rm", name)
    # containerd's image store has a digest for every image, Docker's older one for what came from a registry.
    assert re.fullmatch(rf"docker.io/library/{name}@sha256:[0-9a-f]{{64}}" if attests else name, found)


def test_a_base_image_that_cannot_be_fetched_is_one_line(published, registry):
    registry.stop()
    with pytest.raises(Stop) as stop:
        bake.bake(["base"])
    assert str(stop.value).startswith(f"registry {registry.name}: it does not answer; is it running? (docker: ")
    assert str(stop.value).endswith("; if no registry can be reached, name a local image: BASE_IMAGE=<image>")
