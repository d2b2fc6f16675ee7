"""`make test`: the tests of the tools, of the runner, of the shared package and of every lesson, on the local tier."""

import os
from functools import partial

from tools.core import side_by_side
from tools.core.errors import Stop
from tools.core.paths import ROOT, RUNNER, SHARED
from tools.environments.known import DEV, RUNNER_TESTS
from tools.images.naming import images
from tools.lessons.catalog import Project
from tools.lessons.chosen import chosen_or_all
from tools.tiers import typecheck
from tools.tiers.pytest import pytest


def test_lesson(project: Project) -> int:
    """Checks the types of one lesson, runs its tests on the local tier, registers it on a stand-in."""
    for environment in project.environments:
        environment.ensure()
    types = typecheck.check(project)
    status = pytest(project.environment, project.folder, "--images", images(project), "tests")
    registered = pytest(project.environment, RUNNER, f"--lesson={project.folder}", "tests/test_registered.py")
    return status or registered or types


Suites = dict[str, side_by_side.Work]


def tools_suites() -> Suites:
    """The tests of what all lessons have in common."""
    return {
        "tools": partial(pytest, DEV, ROOT / "tools", "tests"),
        "runner": partial(pytest, RUNNER_TESTS, RUNNER, "tests"),
        "shared": partial(pytest, RUNNER_TESTS, SHARED, "tests"),
    }


def lesson_suites(projects: list[Project]) -> Suites:
    """The tests of lessons, each by itself."""
    return {project.name: partial(test_lesson, project) for project in projects}


def test_tools() -> None:
    """Runs the tests of the tools, of the runner and of the shared package."""
    run(tools_suites())


def test() -> None:
    """Runs the tests of one lesson, or of the tools, the runner, the shared package and every lesson."""
    suites = lesson_suites(chosen_or_all())
    run(suites if os.environ.get("PROJECT") else tools_suites() | suites)


def run(suites: Suites) -> None:
    """Runs suites side by side, goes on past one that fails, and raises Stop with the names of those that did."""
    DEV.ensure()
    if failed := side_by_side.failed(suites, "tests of"):
        raise Stop(f"tests failed: {', '.join(failed)}")
