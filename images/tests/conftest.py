"""`--images` says which images to test; `make test-image` passes it.

It is JSON, a list with title, reference, revision, size_mb, python (whether it has Python) and module (what
is importable in it) of each image. A test that takes `python_image` is run for images with Python only.
"""

import json
import subprocess
from collections.abc import Callable

import pytest

Run = Callable[..., subprocess.CompletedProcess]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--images", required=True, type=json.loads, help="facts of each image")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    images = metafunc.config.getoption("images")
    if "python_image" in metafunc.fixturenames:
        images = [image for image in images if image["python"]]
    metafunc.parametrize("image", images, ids=[image["title"] for image in images], scope="session")


@pytest.fixture
def python_image(image: dict) -> dict:
    return image


@pytest.fixture
def run(image: dict) -> Run:
    """Runs a command in the image as a careful cluster does: no network, nothing writable but /tmp."""

    def run(*command: str, user: str = "1000") -> subprocess.CompletedProcess:
        options = ["--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp", "--user", user]
        return subprocess.run(["docker", "run", *options, image["reference"], *command], capture_output=True, text=True)

    return run
