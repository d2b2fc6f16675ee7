"""`make test UPGRADE=…`: the table names each lesson that a new release breaks, with its error; locks stay.

flytekit is a stand-in with two releases in a folder of wheels: neither a network nor the time for a lesson is needed.
"""

import shutil
import subprocess
import sys

import pytest

from tools.environments import environment
from tools.lessons import catalog
from tools.tiers import newest
from tools.tiers.pytest import pytest as pytest_of_tools
from tools.tiers.suites import DEV

REQUIREMENTS = {"flyte-basics": "flytekit==1.16.98\n", "sql": "flytekit==1.16.98\nno-such-package==1.0\n"}


@pytest.fixture
def releases(add_wheel, monkeypatch, tmp_path):
    """A package index with flytekit as it is pinned, and a newer release that cannot be imported."""
    # Made anew: whatever else an environment needs is in uv's cache afterwards.
    monkeypatch.setattr(environment, "FOLDER", tmp_path / "environments")
    for made in (DEV, catalog.find("flyte-basics").environment):
        made.make()
    add_wheel("1.16.98", "flytekit")
    folder = add_wheel("1.16.99", "flytekit", "raise ImportError('`task` | `workflow` are gone')\n")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_OFFLINE", "1")


@pytest.fixture
def checkout(clone_with_uv):
    """A clone with two lessons: both ask for flytekit, the second one also for a package that no index has."""
    for folder in (clone_with_uv / "projects").iterdir():
        if folder.name not in REQUIREMENTS:
            shutil.rmtree(folder)
    for name, text in REQUIREMENTS.items():
        (clone_with_uv / "projects" / name / "requirements.in").write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=clone_with_uv, check=True)
    return clone_with_uv


def texts(checkout) -> dict:
    return {file: file.read_bytes() for file in checkout.glob("projects/*/requirements.*")}


def test_each_lesson_that_breaks_is_named_with_its_error(releases, checkout, tmp_path, monkeypatch):
    before = texts(checkout)
    monkeypatch.setenv("UPGRADE", "flytekit*")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    answer = subprocess.run([sys.executable, "-m", "tools", "test"], cwd=checkout, capture_output=True, text=True)
    assert answer.returncode == 2
    assert answer.stderr == "make test: tests failed with UPGRADE='flytekit*': flyte-basics, sql\n"
    first, second = (line.split(maxsplit=2) for line in answer.stdout.splitlines()[-2:])
    assert first == ["flyte-basics", "1.16.99", "ImportError: `task` | `workflow` are gone"]
    assert second[:2] == ["sql", "1.16.98"]
    assert "no-such-package" in second[2]
    assert (
        r"| flyte-basics | 1.16.99 | `ImportError: 'task' \| 'workflow' are gone` |"
        in (tmp_path / "summary.md").read_text().splitlines()
    )
    assert texts(checkout) == before


TARGETS = """
import os, sys
print(sys.argv[1], os.environ["PROJECT"], os.environ["UPGRADE"])
sys.exit(sys.argv[1] == os.environ.get("FAILS"))
"""


@pytest.fixture
def copy(tmp_path):
    """A copy of the repository, in which every target only prints its name and its variables."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "__main__.py").write_text(TARGETS)
    lesson = tmp_path / "projects" / "sql"
    lesson.mkdir(parents=True)
    (lesson / "requirements.in").write_text("flytekit==1.16.31\n")
    return tmp_path


def test_a_lesson_is_locked_with_newer_releases_and_tested_with_its_lock(copy, capfd):
    sql = catalog.find("sql")
    assert newest.test_lesson(sql, copy, "flytekit*") == 0
    assert capfd.readouterr().out.split("\n\n")[:2] == ["lock sql flytekit*", "test sql "]
    assert newest.row(sql, copy) == ("sql", "1.16.31", "passed")
    assert newest.markdown([newest.row(sql, copy)]).splitlines()[-1] == "| sql | 1.16.31 | passed |"


def test_a_lesson_that_cannot_be_locked_is_not_tested(copy, capfd, monkeypatch):
    monkeypatch.setenv("FAILS", "lock")
    sql = catalog.find("sql")
    assert newest.row(sql, copy)[2] == "ended without a result"
    assert newest.test_lesson(sql, copy, "*") == 1
    assert capfd.readouterr().out == "lock sql *\n\n"
    assert newest.row(sql, copy)[2] == "lock sql *"


TEST = "def test_it():\n    assert 'a word of a long sentence ' * 9 == 'b', 'both'\n"


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({"test_a.py": TEST}, "test_a.py::test_it - AssertionError: both"),
        ({"test_a.py": "import gone\n"}, "ModuleNotFoundError: No module named 'gone'"),
        ({"conftest.py": "import gone\n", "test_a.py": TEST}, "ModuleNotFoundError: No module named 'gone'"),
    ],
    ids=["a test", "a module", "a conftest"],
)
def test_the_first_error_is_the_first_one_of_pytest(files, error, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("CI", "true")
    for name, code in files.items():
        (tmp_path / name).write_text(code)
    assert pytest_of_tools(DEV, tmp_path, ".")
    assert newest.first_error("".join(capfd.readouterr())).startswith(error)


def test_the_first_error_of_types_is_the_first_finding():
    output = "sql/workflow.py:9: n1: int is no str\nsql: 1 workflow checked, 1 finding\nmake test: tests failed: sql\n"
    assert newest.first_error(output) == "sql/workflow.py:9: n1: int is no str"
    assert newest.first_error("sql: installing\nmake test: no space is left\n") == "make test: no space is left"
