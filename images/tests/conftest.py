"""`--images` lists the images to test; `make test-image` passes it.

The value is a JSON list. Each image has title, reference, revision, base_image (with its digest, if it has one),
platform, size_mb, app (the files in /app), imports (a module), flyte and pip (whether the image must contain them).
A test that takes `flyte_image` runs only for images with Flyte.
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
    """One container for all tests of an image, as restricted as on a careful cluster: no network, a read-only root
    file system, only /tmp is writable. The container ends when its standard input closes, and must print nothing."""
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
