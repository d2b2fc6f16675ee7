"""Which tests `make test` and `make test-tools` run, and how they end."""

import pickle

import pytest

from tools.core import side_by_side
from tools.lessons import catalog
from tools.tiers import suites
from tools.tiers.pytest import pytest as pytest_of_tools


@pytest.fixture
def chosen(monkeypatch):
    """The names of the suites that were chosen, none of which is run."""
    names = []
    monkeypatch.setattr(suites.DEV.__class__, "ensure", lambda environment: environment)
    monkeypatch.setattr(side_by_side, "failed", lambda works, title: names.extend(works) or ["sql", "ray"])
    return names


def test_the_tools_are_tested_with_the_runner_and_the_shared_package_and_without_lessons(chosen, stopped):
    assert stopped(suites.test_tools) == "tests failed: sql, ray"
    assert chosen == ["tools", "runner", "shared"]


@pytest.mark.parametrize("name", ["sql", "tools", "runner", "shared", "flyte-2"])
def test_a_lesson_or_another_suite_is_tested_alone(name, chosen, stopped, monkeypatch):
    monkeypatch.setenv("PROJECT", name)
    stopped(suites.test)
    assert chosen == [name]


def test_all_is_tools_runner_shared_package_and_every_lesson(chosen, stopped):
    stopped(suites.test)
    assert chosen == ["tools", "runner", "shared", *(project.name for project in catalog.every())]


def test_each_suite_reaches_a_process_of_its_own_with_what_it_needs():
    for suite in [*suites.tools_suites().values(), *suites.lesson_suites(catalog.every()).values()]:
        assert pickle.loads(pickle.dumps(suite)).args == suite.args  # noqa: S301  (made here)


def test_where_nothing_fails_nothing_is_said(monkeypatch, capsys):
    monkeypatch.setattr(side_by_side, "failed", lambda *_: [])
    suites.test_tools()
    assert capsys.readouterr() == ("", "")


def test_the_tests_of_a_suite_run_in_its_environment_and_their_output_is_shown(tmp_path, capfd):
    (tmp_path / "test_here.py").write_text("import sys\n\ndef test_it():\n    print(sys.prefix)\n    assert 0\n")
    assert pytest_of_tools(suites.DEV, tmp_path, ".") == 1
    output = capfd.readouterr().out
    assert str(suites.DEV.folder) in output
    assert "1 failed" in output
