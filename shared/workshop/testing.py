"""pytest fixtures that run a lesson's cases on any tier; a lesson's tests/conftest.py loads them.

    --tier local    Flyte's local executor in this process (the default)
    --tier image    every task in a container of its image, by the harness

A test that takes `case` runs once for every case in the lesson's lesson.toml; on other tiers than the
local one only such tests are run.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flytekit.core import local_cache
from workshop.lesson import Lesson, by_name
from workshop.runs import Run, plain

Execute = Callable[[dict[str, Any]], dict[str, Any]]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lesson")
    group.addoption("--tier", choices=["local", "image"], default="local")
    group.addoption("--image", action="append", default=[], metavar="NAME=REFERENCE")
    group.addoption("--out", type=Path, help="where the image tier keeps records; default: a temporary folder")


def pytest_configure(config: pytest.Config) -> None:
    """Gives the tests a cache of their own: a hit in the user's would hide broken code."""
    folder = tempfile.TemporaryDirectory(prefix="cache-")
    config.add_cleanup(folder.cleanup)
    local_cache.CACHE_LOCATION = folder.name


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        cases = Lesson.read(Path(metafunc.module.__file__).parents[1]).cases
        metafunc.parametrize("case", cases, ids=[case.name for case in cases])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("tier") != "local":
        items[:] = [item for item in items if "case" in getattr(item, "fixturenames", ())]


@pytest.fixture
def lesson(request: pytest.FixtureRequest) -> Lesson:
    """The lesson whose tests these are."""
    return Lesson.read(request.path.parents[1])


@pytest.fixture
def execute(request: pytest.FixtureRequest, lesson: Lesson, tmp_path: Path) -> Execute:
    """Runs the lesson's entry point on the tier of `--tier`: inputs to outputs, both by name."""
    workflow = lesson.workflow()

    def locally(inputs: dict[str, Any]) -> dict[str, Any]:
        return by_name(workflow, workflow(**{**lesson.inputs, **inputs}))

    def in_images(inputs: dict[str, Any]) -> dict[str, Any]:
        from workshop.harness import walk
        from workshop.harness.attempts import Attempt
        from workshop.harness.launchers import ContainerLauncher
        from workshop.harness.tasks import task_run

        images = dict(word.split("=", 1) for word in request.config.getoption("image"))
        given = {**workflow.python_interface.default_inputs_as_kwargs, **lesson.inputs, **inputs}
        run = Run(lesson, request.config.getoption("out") or tmp_path, f"make test-image PROJECT={lesson.name}", given)
        print(f"\n{request.node.name}")

        def report(attempt: Attempt) -> None:
            walk.show(attempt)
            run.record.tasks.append(task_run(attempt, run.folder))

        folder = run.folder / "nodes"
        folder.mkdir()
        try:
            with run.recorded():
                outputs = walk.execute(workflow, given, folder, ContainerLauncher(folder), images, report).outputs
                run.record.outputs = plain(outputs)
        finally:
            run.tell()
        return outputs

    return in_images if request.config.getoption("tier") == "image" else locally


def assert_outputs(outputs: dict[str, Any], expected: dict[str, Any]) -> None:
    """Fails unless every expected output is there with its value; figures may differ by 1e-9 of themselves."""
    found = {name: outputs[name] for name in expected}
    assert found == {
        name: pytest.approx(value, rel=1e-9) if isinstance(value, float) else value for name, value in expected.items()
    }
