"""make typecheck: which lessons it checks, and how it ends. What it finds is tested in runner/tests."""

import pytest

from tools.lessons import catalog
from tools.tiers import suites, typecheck


@pytest.fixture
def checked(monkeypatch) -> list:
    """The lessons that were checked; the first of them has findings."""
    checked = []

    def check(project: catalog.Project) -> int:
        checked.append(project.name)
        return int(len(checked) == 1)

    monkeypatch.setattr(typecheck, "check", check)
    return checked


def test_goes_on_past_findings_and_fails(checked):
    assert typecheck.typecheck() == 1
    assert checked == [project.name for project in catalog.every()]


def test_one_lesson(checked, monkeypatch):
    monkeypatch.setenv("PROJECT", "map-tasks")
    typecheck.typecheck()
    assert checked == ["map-tasks"]


def test_findings_fail_the_tests_of_a_lesson(checked, monkeypatch):
    monkeypatch.setattr(suites, "pytest", lambda *_: 0)
    monkeypatch.setattr(type(catalog.find("map-tasks")), "environments", [])
    assert suites.test_lesson(catalog.find("map-tasks")) == 1
    assert suites.test_lesson(catalog.find("map-tasks")) == 0
