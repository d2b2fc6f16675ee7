"""The contract of imports: kept by the repository as it is, and broken by one wrong import of each kind."""

import re

import pytest

from tools.lessons import catalog
from tools.upkeep import imports

# Where a wrong import is planted, and the contract that it breaks.
WRONG = {
    "runner/runner/graph/planted.py": ("import runner.harness.walk", "runner: a folder imports only"),
    "runner/runner/new_folder/__init__.py": ("", "runner: a folder imports only"),
    "tools/core/planted.py": ("import tools.upkeep.lint", "tools: a folder imports only"),
    "tools/tiers/planted.py": ("import runner.lesson", "tools start processes"),
    "tools/lineage/planted.py": ("import runner.harness.walk", "lineage reads records"),
    "shared/workshop/planted.py": ("import runner.lesson", "the shared package imports nothing"),
    "runner/runner/local/planted.py": ("import flyte_basics.workflow", "the runner imports no tool"),
    "projects/sql/sql_lesson/planted.py": ("import runner.records.record", "a lesson imports the shared package only"),
    "projects/ray/ray_lesson/planted.py": ("import sql_lesson.database", "no lesson imports another lesson"),
    "projects/spark/spark_lesson/planted.py": ("import spark_lesson.planted_too", "there is no circle"),
    "projects/spark/spark_lesson/planted_too.py": ("import spark_lesson.planted", "there is no circle"),
}


@pytest.fixture
def checkout(clone, monkeypatch):
    """A copy of the repository that the contract is held against."""
    monkeypatch.setattr(imports, "ROOT", clone)
    monkeypatch.setattr(imports, "RUNNER", clone / "runner")
    monkeypatch.setattr(imports, "SHARED", clone / "shared")
    monkeypatch.setattr(catalog, "PROJECTS", clone / "projects")
    return clone


def test_the_repository_keeps_it(checkout, capsys):
    assert imports.follow_contract()
    assert capsys.readouterr().out == ""


def test_a_wrong_import_of_each_kind_breaks_it(checkout, capsys):
    for file, (line, _) in WRONG.items():
        (checkout / file).parent.mkdir(exist_ok=True)
        (checkout / file).write_text(f"{line}\n")
    assert not imports.follow_contract()
    output = capsys.readouterr().out
    broken = re.findall(r"^(.*) BROKEN$", output, re.MULTILINE)
    expected = {start for _, start in WRONG.values()}
    assert {start for start in expected if any(name.startswith(start) for name in broken)} == expected
    assert "new_folder" in output
