"""Exercise 4: the cache version of evaluate depends on the installed releases of scikit-learn and pandas."""

import importlib.metadata
import importlib.util
import shutil
import sys
from pathlib import Path

import pytest
from caching_lesson import workflow

MODULES = {"scikit-learn": "sklearn", "pandas": "pandas"}
REQUIREMENTS = ["requirements.in", "requirements.txt"]


@pytest.fixture
def version(tmp_path, monkeypatch):
    """The cache version of evaluate in a copy of the lesson, in which a package has another release."""
    lesson = Path(workflow.__file__).parents[1]
    shutil.copytree(lesson / "caching_lesson", tmp_path / "caching_lesson")
    for file in REQUIREMENTS:
        shutil.copy(lesson / file, tmp_path)
    monkeypatch.chdir(tmp_path)

    def version(package: str = "") -> str:
        with monkeypatch.context() as patch:
            if package:
                kind = type(importlib.metadata.distribution(package))
                release = kind.version.fget
                other = property(lambda self: "0.1" if self.metadata["Name"] == package else release(self))
                patch.setattr(kind, "version", other)
                patch.setattr(sys.modules[MODULES[package]], "__version__", "0.1")
            spec = importlib.util.spec_from_file_location("copied", tmp_path / "caching_lesson" / "workflow.py")
            copy = importlib.util.module_from_spec(spec)
            patch.setitem(sys.modules, "copied", copy)
            try:
                spec.loader.exec_module(copy)
            except ValueError as error:  # flytekit's, which does not name the error of the policy
                raise error.__cause__ or error from None
            return copy.evaluate.metadata.cache_version

    return version


def test_begun(version, tmp_path):
    before = [version("scikit-learn"), version("pandas")]
    shipped = version()
    for file in REQUIREMENTS:
        (tmp_path / file).write_text("scikit-learn==0.1\npandas==0.1\n", encoding="utf-8")
    assert {*before, version()} != {shipped}, "no release of a package is part of the cache version of evaluate"


def test_releases(version):
    for package in MODULES:
        assert version() != version(package), (
            f"another installed release of {package} leaves the cache version of evaluate as it was"
        )


def test_the_image(version, tmp_path):
    for file in REQUIREMENTS:
        (tmp_path / file).unlink()
    problem = None
    try:
        version()
    except Exception as error:
        problem = error
    assert not problem, (
        f"the image has only the folder caching_lesson of the lesson; there, the policy fails:\n{problem}"
    )


def test_the_same_release_is_a_hit(version):
    assert version() == version(), "the cache version of evaluate is another one at each import"
