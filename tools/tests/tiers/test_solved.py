"""What a learner has changed is kept, whatever lies in the lesson and wherever the repository is."""

from types import SimpleNamespace

import pytest
from repositories import Repository

from tools.core import git
from tools.tiers import solved


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    """A lesson in a repository that is a folder of a larger one, as committed."""
    root = tmp_path / "large" / "lessons"
    lesson = SimpleNamespace(name="x", folder=root / "projects" / "x")
    lesson.folder.mkdir(parents=True)
    (lesson.folder / "workflow.py").write_text("committed")
    Repository(tmp_path / "large").begin()
    monkeypatch.setattr(solved, "ROOT", root)
    monkeypatch.setattr(git, "ROOT", root)
    monkeypatch.setattr(solved, "KEPT", tmp_path / "kept")
    return lesson


def test_a_reset_keeps_what_was_changed(lesson, tmp_path):
    (lesson.folder / "workflow.py").write_text("mine")
    (lesson.folder / ".#workflow.py").symlink_to("me@host.1")  # the lock of a file that is open in Emacs
    (lesson.folder / "repository").mkdir()
    Repository(lesson.folder / "repository").begin()
    solved.reset(lesson)
    (kept,) = (tmp_path / "kept" / "x").glob("reset-*")
    assert sorted(path.name for path in (kept / "projects" / "x").iterdir()) == [".#workflow.py", "workflow.py"]
    assert (kept / "projects" / "x" / "workflow.py").read_text() == "mine"
    assert (lesson.folder / "workflow.py").read_text() == "committed"
    assert (lesson.folder / "repository" / ".git").is_dir()
