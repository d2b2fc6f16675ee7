"""Git repositories that hold a copy of this one, for tests of `make changed`."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from identity import IDENTITY

from tools.core import git
from tools.images import bake, sources
from tools.lessons import catalog, shared_files
from tools.upkeep import changed

BUILDX = (
    subprocess.run(["docker", "buildx", "version"], capture_output=True).returncode == 0
    if shutil.which("docker")
    else False
)
needs_buildx = pytest.mark.skipif(not BUILDX, reason="docker buildx is not on this machine")


class Repository:
    """A git repository in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self) -> None:
        """Makes what lies in the folder the only commit, on main."""
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit()
        self.git("gc", "--quiet")

    def git(self, *words: str) -> str:
        command = ["git", "-C", self.folder, *IDENTITY, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A change")
        return self.git("rev-parse", "HEAD")

    def write(self, name: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as opened:
            opened.write("\n# changed\n")


@pytest.fixture
def read_from(monkeypatch):
    """Makes the command read another checkout."""

    def read_from(folder: Path) -> None:
        for module in (changed, sources, bake, git):
            monkeypatch.setattr(module, "ROOT", folder)
        monkeypatch.setattr(catalog, "PROJECTS", folder / "projects")
        monkeypatch.setattr(shared_files, "SHARED", folder / "shared")

    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    return read_from


@pytest.fixture(scope="session")
def original(copied, tmp_path_factory) -> Path:
    """A git repository with a copy of this one as its only commit, from which tests get theirs."""
    folder = copied(tmp_path_factory.mktemp("original"))
    Repository(folder).begin()
    return folder


@pytest.fixture
def repository(original, tmp_path, read_from):
    folder = shutil.copytree(original, tmp_path / original.name)
    read_from(folder)
    return Repository(folder)


@pytest.fixture
def told(monkeypatch, capsys):
    """What the command prints, as JSON read again: tests and images."""

    def told(since: str = "") -> tuple[set[str], set[str]]:
        facts = as_json(monkeypatch, capsys, since)
        return set(facts["tests"]), set(facts["images"])

    return told


def as_json(monkeypatch, capsys, since: str) -> dict[str, list[str]]:
    """The one line of JSON that the command prints."""
    monkeypatch.setenv("SINCE", since)
    monkeypatch.setenv("FORMAT", "json")
    changed.changed()
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    return json.loads(line)
