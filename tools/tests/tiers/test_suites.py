"""Which tests `make test` and `make test-tools` run, and how they end."""

import pickle
import subprocess
import sys
import tempfile

import pytest
from repositories import Repository

from tools.core import git, side_by_side
from tools.core.paths import ROOT
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


def test_all_is_tools_runner_shared_package_and_every_lesson_with_the_long_ones_first(chosen, stopped):
    stopped(suites.test)
    assert chosen[:3] == ["tools", "runner", "shared"]
    assert sorted(chosen[3:]) == sorted(project.name for project in catalog.every())
    cases = [len(catalog.find(name).lesson.cases) for name in chosen[3:]]
    assert cases == sorted(cases, reverse=True)


def test_each_suite_reaches_a_process_of_its_own_with_what_it_needs():
    for suite in [*suites.tools_suites().values(), *suites.lesson_suites(catalog.every()).values()]:
        assert pickle.loads(pickle.dumps(suite)).args == suite.args  # noqa: S301  (made here)


def test_a_lesson_is_as_committed_in_a_repository_that_says_so(tmp_path, monkeypatch, projects):
    """Not in a copy without a repository, where an exercise may be solved."""
    sql = catalog.find("sql")
    monkeypatch.setattr(git, "ROOT", tmp_path)
    assert not suites.is_committed(sql)
    Repository(tmp_path).begin()
    assert suites.is_committed(sql)
    (sql.folder / "README.md").write_text("changed")
    assert not suites.is_committed(sql)


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


WITH_FILES = """
def test_one(tmp_path):
    (tmp_path / "log").touch()
    assert {holds}

def test_other(tmp_path):
    (tmp_path / "log").touch()
"""


@pytest.mark.parametrize(("holds", "left"), [(True, []), (False, ["test_one0"])])
def test_of_temporary_files_those_of_failed_tests_stay(holds, left, tmp_path, monkeypatch):
    machine = tmp_path / "machine"
    machine.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(machine))
    (tmp_path / "test_here.py").write_text(WITH_FILES.format(holds=holds))
    assert pytest_of_tools(suites.DEV, tmp_path, "test_here.py") == (0 if holds else 1)
    assert [file.parent.name for file in machine.rglob("log")] == left


SIGNALLED = """
import os, pytest, signal, time
{at_import}
@pytest.fixture
def cut_short(tmp_path):
    if {in_fixture}:
        os.kill(os.getpid(), signal.{name})
        time.sleep(60)

def test_one(cut_short):
    os.kill(os.getpid(), signal.{name})
    time.sleep(60)

def test_other():
    print("the other one")
    assert 0
"""
# As flytekit does when it is imported.
CONFTEST = "import signal\nsignal.signal(signal.SIGINT, lambda *_: exit(1))\n"
# As modules of libraries do, and a second one, which `call` passes on.
CAUGHT = """
try:
    os.kill(os.getpid(), signal.{name})
    os.kill(os.getpid(), signal.{name})
except BaseException:
    pass
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(
    ("at_import", "in_fixture", "lines"),
    [("", False, 3), ("", True, 3), (CAUGHT, False, 0)],
    ids=["in a test", "in a fixture", "in an import"],
)
def test_a_signal_ends_the_tests_and_not_only_the_one_at_hand(name, at_import, in_fixture, lines, tmp_path, capfd):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    code = SIGNALLED.format(at_import=at_import.format(name=name), in_fixture=in_fixture, name=name)
    (tmp_path / "test_here.py").write_text(code)
    assert pytest_of_tools(suites.DEV, tmp_path, ".") in (2, 130)
    output, errors = capfd.readouterr()
    assert "the other one" not in output
    assert len((output + errors).split("\n")) - 1 <= lines, output + errors


AT_ONCE = """
import os, signal, subprocess, sys
from pathlib import Path
from tools.core.reporting import ends_in_one_line
from tools.tiers import pytest, suites

start = subprocess.Popen
def and_signal(*words, **named):
    process = start(*words, **named)
    if words[0][0] != "git":  # whose revision the tests get
        {kill}
    return process
subprocess.Popen = and_signal
sys.exit(ends_in_one_line("make test", lambda: pytest.pytest(suites.DEV, Path(sys.argv[1]), ".")))
"""


@pytest.mark.parametrize(
    ("kill", "status", "line"),
    [
        ("os.killpg(0, signal.SIGINT)", 130, "\nmake test: interrupted"),
        ("os.kill(os.getpid(), signal.SIGTERM)", 143, "make test: ended by SIGTERM"),
    ],
    ids=["Ctrl-C", "kill"],
)
def test_a_signal_while_the_python_of_the_tests_starts_is_one_line(kill, status, line, tmp_path):
    """To the group, or to the tools alone, which take the tests with them."""
    command = [sys.executable, "-c", AT_ONCE.format(kill=kill), tmp_path]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, start_new_session=True)
    assert (process.returncode, process.stdout) == (status, "")
    assert process.stderr == f"{line}; run the same command again to go on\n"
