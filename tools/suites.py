"""`make test`: the tests of the tools, of the shared package and of every lesson, on the local tier."""

import os
from functools import partial
from pathlib import Path

from tools import side_by_side, typecheck
from tools.environments import Environment
from tools.errors import Stop
from tools.lessons import Project
from tools.local import DEV, SHARED_TESTS, call, chosen_or_all
from tools.paths import ROOT, SHARED
from tools.revision import images


def pytest(environment: Environment, folder: Path, *words: str) -> int:
    """Runs pytest on `folder` in `environment`, which itself stays as its lock says.

    pytest comes from the dev tools, after everything that the environment has of its own. Of temporary folders it
    keeps those of tests that failed; all together are gigabytes.
    """
    start = (
        f"import signal, sys; sys.path.append({str(DEV.ensure().site_packages)!r}); "
        # A shell starts what it puts in the background deaf to Ctrl-C; some tests send it to programs of theirs.
        "signal.signal(signal.SIGINT, signal.default_int_handler); import pytest; sys.exit(pytest.main())"
    )
    options = ["-p", "no:cacheprovider", "-o", "tmp_path_retention_policy=failed", "-q"]
    return call([environment.ensure().python, "-c", start, *options, *words], folder)


def test_lesson(project: Project) -> int:
    """Checks the types of one lesson, runs its tests on the local tier, registers it on a stand-in."""
    for environment in project.environments:
        environment.ensure()
    types = typecheck.check(project)
    status = pytest(project.environment, project.folder, "--images", images(project), "tests")
    registered = pytest(project.environment, SHARED, f"--lesson={project.folder}", "tests/test_registered.py")
    return status or registered or types


Suites = dict[str, side_by_side.Work]


def tools_suites() -> Suites:
    """The tests of what all lessons have in common."""
    return {
        "tools": partial(pytest, DEV, ROOT / "tools", "tests"),
        "shared": partial(pytest, SHARED_TESTS, SHARED, "tests"),
    }


def lesson_suites(projects: list[Project]) -> Suites:
    """The tests of lessons, each by itself."""
    return {project.name: partial(test_lesson, project) for project in projects}


def test_tools() -> None:
    """Runs the tests of the tools and of the shared package."""
    run(tools_suites())


def test() -> None:
    """Runs the tests of one lesson, or of the tools, the shared package and every lesson."""
    suites = lesson_suites(chosen_or_all())
    run(suites if os.environ.get("PROJECT") else tools_suites() | suites)


def run(suites: Suites) -> None:
    """Runs suites side by side, goes on past one that fails, and raises Stop with the names of those that did."""
    DEV.ensure()
    if failed := side_by_side.failed(suites, "tests of"):
        raise Stop(f"tests failed: {', '.join(failed)}")
