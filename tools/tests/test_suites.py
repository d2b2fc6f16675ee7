"""Which tests `make test` and `make test-tools` run, and that they go on past a failure."""

import pytest

from tools import lessons, suites
from tools.paths import ROOT, SHARED


@pytest.fixture
def ran(monkeypatch):
    """The folders whose tests were run, all of which fail."""
    folders = []
    monkeypatch.setattr(suites, "pytest", lambda environment, folder, *words: folders.append(folder) or 1)
    monkeypatch.setattr(suites, "test_lesson", lambda project: folders.append(project.folder) or 1)
    return folders


def test_the_tools_are_tested_with_the_shared_package_and_without_lessons(ran, stopped):
    assert stopped(suites.test_tools) == "tests failed: tools, shared"
    assert ran == [ROOT / "tools", SHARED]


def test_a_lesson_is_tested_alone(ran, stopped, monkeypatch):
    monkeypatch.setenv("PROJECT", "sql")
    assert stopped(suites.test) == "tests failed: sql"
    assert ran == [lessons.find("sql").folder]


def test_all_is_tools_shared_package_and_every_lesson(ran, stopped):
    names = [project.name for project in lessons.every()]
    assert stopped(suites.test) == f"tests failed: {', '.join(['tools', 'shared', *names])}"
    assert ran == [ROOT / "tools", SHARED, *(project.folder for project in lessons.every())]


def test_where_nothing_fails_nothing_is_said(monkeypatch):
    monkeypatch.setattr(suites, "pytest", lambda *_: 0)
    suites.test_tools()
