"""Exercise 2: the policy of evaluate reads the function that evaluate calls, and no other task."""

import ast
import importlib.util
import sys
from pathlib import Path

import pytest
from caching_lesson import workflow


@pytest.fixture
def version(tmp_path, monkeypatch):
    """The cache version of evaluate in a copy of workflow.py, in which one function has a line more."""

    def version(changed: str = "") -> str:
        tree = ast.parse(Path(workflow.__file__).read_text(encoding="utf-8"))
        for part in tree.body:
            if isinstance(part, ast.FunctionDef) and part.name == changed:
                part.body.insert(len(part.body) - 1, ast.parse("changed = True").body[0])
        file = tmp_path / f"copy_{changed}.py"
        file.write_text(ast.unparse(tree), encoding="utf-8")
        spec = importlib.util.spec_from_file_location(file.stem, file)
        copy = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, file.stem, copy)
        spec.loader.exec_module(copy)
        assert copy.evaluate.metadata.cache, "evaluate is no longer cached"
        return copy.evaluate.metadata.cache_version

    return version


def test_begun():
    assert hasattr(workflow, "accuracy_of"), "workflow.py has no function accuracy_of"


def test_evaluate_calls_it(monkeypatch):
    monkeypatch.setattr(workflow, "accuracy_of", lambda model, data: 0.25)
    try:
        found = workflow.evaluate.task_function(model=None, data=None)
    except Exception:
        found = None
    assert found == 0.25, "evaluate does not return what accuracy_of(model, data) returns"


def test_no_change(version):
    assert version() == version(), (
        "two imports of the same workflow.py give evaluate two cache versions: "
        "the policy reads something that is new at each import, such as an address in memory"
    )


def test_a_change_of_evaluate(version):
    assert version() != version("evaluate"), "a change of evaluate itself no longer changes its cache version"


def test_a_change_of_the_function(version):
    assert version() != version("accuracy_of"), (
        "a change of accuracy_of leaves the cache version of evaluate as it was: the policy does not read it"
    )


def test_a_change_of_another_task(version):
    assert version() == version("train"), (
        "a change of train changes the cache version of evaluate too: read the function that evaluate calls, no more"
    )


def test_without_arguments():
    problem = None
    try:
        workflow.SourceText()
    except TypeError as error:
        problem = error
    assert not problem, f"SourceText() without arguments must still work: {problem}"
