"""`make test`: the tests of the tools, of the runner, of the shared package and of every lesson, on the local tier.

`make test-publish`: those that publish images.
"""

import os
import shutil
from functools import partial

from tools.core import git, side_by_side
from tools.core.errors import Stop
from tools.core.paths import ROOT, RUNNER, SHARED
from tools.environments.known import DEV, FLYTE_2, RUNNER_TESTS
from tools.images.engine import need_docker
from tools.images.naming import images
from tools.lessons.catalog import SUITES, Project
from tools.lessons.chosen import chosen, chosen_or_all, longest_first
from tools.tiers import typecheck
from tools.tiers.newest import test_newest
from tools.tiers.pytest import pytest


def test_lesson(project: Project) -> int:
    """Checks the types of one lesson, runs its tests on the local tier, registers it on a stand-in."""
    for environment in project.environments:
        environment.ensure()
    types = typecheck.check(project)
    print(f"{project.name}: the lesson's tests", flush=True)
    status = pytest(project.environment, project.folder, "--images", images(project), "tests")
    about = ["tests/cluster/test_registered.py"] + (["tests/local/test_graph.py"] if is_committed(project) else [])
    print(f"{project.name}: the runner's tests of the lesson: its registration and its graph", flush=True)
    registered = pytest(project.environment, RUNNER, f"--lesson={project.folder}", *about)
    return status or registered or types


def is_committed(project: Project) -> bool:
    """Whether a lesson is as committed: while somebody works on it, its picture may be older than its workflow."""
    files = str(project.folder)
    return bool(git.answer("ls-files", "--", files)) and not git.answer("status", "--porcelain", "--", files)


Suites = dict[str, side_by_side.Work]


def tools_suites() -> Suites:
    """The tests of what all lessons have in common."""
    folders = {"tools": (DEV, ROOT / "tools"), "runner": (RUNNER_TESTS, RUNNER), "shared": (RUNNER_TESTS, SHARED)}
    return {name: partial(pytest, *folders[name], "tests") for name in SUITES}


def lesson_suites(projects: list[Project]) -> Suites:
    """The tests of lessons, a suite each."""
    return {project.name: partial(test_lesson, project) for project in longest_first(projects)}


def test_tools() -> None:
    """Runs the tests of the tools, of the runner and of the shared package."""
    run(tools_suites())


def test() -> None:
    """Runs the suite that PROJECT names, a lesson's or another; without it, all but those that run alone.

    With UPGRADE, it tests the lesson that PROJECT names, or every lesson, with newer releases.
    """
    name, upgrade = os.environ.get("PROJECT"), os.environ.get("UPGRADE", "")
    if upgrade not in ("", "0"):
        return test_newest(chosen_or_all(), upgrade)
    suites = tools_suites() | {"flyte-2": partial(pytest, FLYTE_2, ROOT / "docs" / "flyte-2", "tests")}
    if name in suites:
        run({name: suites[name]})
    elif name:
        run(lesson_suites([chosen()]))
    else:
        print(
            "all tests: about 12 minutes on two cores; make test PROJECT=flyte-basics takes half a minute", flush=True
        )
        run(tools_suites() | lesson_suites(chosen_or_all()))


def run(suites: Suites) -> None:
    """Runs suites side by side, goes on past one that fails, and raises Stop with the names of those that did."""
    DEV.ensure()
    if failed := side_by_side.failed(suites, "tests of"):
        raise Stop(f"tests failed: {', '.join(failed)}")


def test_publish() -> int:
    """Publishes into registries that are started for the tests, and reads everything back by a standard client."""
    need_docker()
    for program in ("docker-registry", "skopeo"):
        if not shutil.which(program):
            raise Stop(f"{program} is not on PATH; install it (Debian, Ubuntu: apt install docker-registry skopeo)")
    return pytest(DEV, ROOT / "tools", "registry_tests")
