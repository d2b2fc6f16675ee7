"""What several test modules need."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# What these tests, and what they start, would inherit of the user's or of make's; flytekit reads some of it when it is
# imported.
SWITCHES = ("WORKFLOW", "DEBUG", "NEW", "NO_CACHE", "FAST", "WAIT", "VERSION", "DOMAIN", "PYSPARK_SUBMIT_ARGS")
for name in [name for name in os.environ if name in SWITCHES or name.startswith(("FLYTE", "GIT_"))]:
    del os.environ[name]

from admin.service import Service
from flytekit.configuration.file import get_config_file
from running import HERE, IMAGES

from runner.harness import walk
from runner.harness.forks import ForkLauncher, Server, started
from runner.harness.launchers import Launcher
from runner.lesson import Lesson

pytest.register_assert_rewrite("reaching")
# A lesson with tests of its own, for `make test PROJECT=differences`.
collect_ignore = ["differences"]


SERVER = pytest.StashKey[Server | None]()


def pytest_collection_modifyitems(items):
    """Tests of the cluster come last: gRPC leaves threads in this process, which then cannot be forked any more."""
    items.sort(key=lambda item: "cluster" in item.path.parts)


def pytest_collection_finish(session):
    """Forks the server of attempts while this process has imported the tests, and has run none."""
    server = session.config.stash[SERVER] = started()
    if server:
        session.config.add_cleanup(server.close)


@pytest.fixture
def server(request) -> Server | None:
    """The server of attempts: it was forked before any test, whose threads a fork would not survive."""
    return request.config.stash[SERVER]


@pytest.fixture
def launcher(server) -> Launcher:
    """Starts attempts as `make run` does."""
    return ForkLauncher(HERE, server=server)


@pytest.fixture
def own_launcher() -> Iterator[Launcher]:
    """The same with a server of the test's own, which has what the test has changed, and may die."""
    with contextlib.closing(ForkLauncher(HERE)) as launcher:
        yield launcher


@pytest.fixture
def execute(tmp_path, launcher):
    """Runs a workflow by the harness, each task as a process, in the folder run/ of the test's own."""

    def execute(workflow, **inputs):
        attempts = []
        folder = tmp_path / "run"
        execution = walk.execute(workflow, inputs, folder, launcher, IMAGES, attempts.append)
        assert attempts == execution.attempts
        return execution

    return execute


@pytest.fixture
def outputs(execute):
    """Runs a workflow in the same way; returns its outputs."""
    return lambda workflow, **inputs: list(execute(workflow, **inputs).outputs.values())


def pytest_addoption(parser):
    parser.addoption("--lesson", type=Path, default=HERE / "example", help="whose registration is tested")


@pytest.fixture
def lesson(monkeypatch) -> Lesson:
    """The example, which can be imported."""
    monkeypatch.setattr(sys, "path", [str(HERE / "example"), *sys.path])
    return Lesson.read(HERE / "example")


@pytest.fixture
def service(monkeypatch, tmp_path):
    """A stand-in for a cluster, which is the one in hand."""
    service = Service()
    get_config_file.cache_clear()
    monkeypatch.setenv("HOME", str(tmp_path))  # nobody's ~/.flyte counts
    monkeypatch.setenv("FLYTE_PLATFORM_URL", service.endpoint)
    monkeypatch.setenv("FLYTE_PLATFORM_INSECURE", "true")
    yield service
    service.stop()
