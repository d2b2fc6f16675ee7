"""The dev container: everything that it names exists, and what it fetches is pinned by digest."""

import json
import re
import shlex

import pytest

from tools.__main__ import TARGETS
from tools.core.paths import ROOT
from tools.core.variables import PYTHONS
from tools.lessons import catalog

FOLDER = ROOT / ".devcontainer"
WORKSPACE = "${containerWorkspaceFolder}/"


@pytest.fixture(scope="module")
def settings() -> dict:
    """Its settings; JSON with comments, each on a line of its own."""
    lines = (FOLDER / "devcontainer.json").read_text().splitlines()
    return json.loads("\n".join(line for line in lines if not line.lstrip().startswith("//")))


def test_it_prepares_a_lesson_by_a_make_target(settings):
    make, target, project = shlex.split(settings["updateContentCommand"])
    assert (make, target in TARGETS) == ("make", True)
    assert catalog.find(project.removeprefix("PROJECT="))


def test_the_files_that_it_opens_exist(settings):
    files = settings["customizations"]["codespaces"]["openFiles"]
    assert files
    assert [name for name in files if not (ROOT / name).is_file()] == []


def test_its_python_is_that_of_the_lesson_that_it_prepares(settings):
    python = settings["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    project = catalog.find(settings["updateContentCommand"].partition("PROJECT=")[2])
    assert ROOT / python.removeprefix(WORKSPACE) == project.folder / ".venv" / "bin" / "python"


def test_its_image_has_the_python_of_the_lessons_and_is_pinned(settings):
    default = re.escape(PYTHONS[0])
    pattern = rf"mcr\.microsoft\.com/devcontainers/python:[\d.]+-{default}-\w+@sha256:[0-9a-f]{{64}}"
    assert re.fullmatch(pattern, settings["image"])


def test_every_feature_has_one_version_and_one_digest(settings):
    locked = json.loads((FOLDER / "devcontainer-lock.json").read_text())["features"]
    assert settings["features"].keys() == locked.keys()
    for name, facts in locked.items():
        feature, _, version = name.rpartition(":")
        assert facts["version"] == version
        assert re.fullmatch(rf"{re.escape(feature)}@sha256:[0-9a-f]{{64}}", facts["resolved"])
        assert facts["resolved"].endswith(f"@{facts['integrity']}")


def test_it_has_an_engine_for_images(settings):
    assert [name for name in settings["features"] if "/docker-in-docker:" in name]
