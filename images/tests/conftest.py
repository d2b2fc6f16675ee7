"""`--images` says which images to test; `make test-image` passes it.

It is JSON, a list with title, reference, revision, base_image (with its digest, if it has one), size_mb, imports (a
module), flyte and pip (whether they are to be in it) of each image. A test that takes `flyte_image` is run for images
with Flyte only.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator

import pytest

Run = Callable[..., subprocess.CompletedProcess]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--images", required=True, type=json.loads, help="facts of each image")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    images = metafunc.config.getoption("images")
    if "flyte_image" in metafunc.fixturenames:
        images = [image for image in images if image["flyte"]]
    metafunc.parametrize("image", images, ids=[image["title"] for image in images], scope="session")


@pytest.fixture
def flyte_image(image: dict) -> dict:
    return image


def docker(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run(["docker", *words], capture_output=True, text=True)


@pytest.fixture(scope="session")
def inspected(image: dict) -> dict:
    """The image's configuration, size and layers."""
    return json.loads(docker("image", "inspect", image["reference"]).stdout)[0]


@pytest.fixture(scope="session")
def container(image: dict) -> Iterator[str]:
    """One container for all tests of an image, started as a careful cluster does: no network, a root file system
    that is read-only, nothing writable but /tmp. It ends with its standard input, and has nothing to say."""
    name = f"image-test-{os.getpid()}-{image['title']}"
    options = ["--interactive", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp", "--name", name]
    command = ["docker", "run", *options, image["reference"], "sh", "-c", "echo started; read line || true"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = subprocess.Popen(command, text=True, **pipes)
    first = process.stdout.readline()
    yield name
    rest, _ = process.communicate()
    assert (first, rest, process.returncode) == ("started\n", "", 0)


@pytest.fixture
def run(container: str) -> Run:
    """Runs a command in the image's container."""
    return lambda *command: docker("exec", container, *command)
