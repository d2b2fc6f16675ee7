"""What a learner has changed is kept, whatever lies in the lesson and wherever the repository is."""

from pathlib import Path

import pytest
from repositories import Repository

from tools.core import files, git
from tools.tiers import solved


@pytest.fixture
def lesson(tmp_path, monkeypatch) -> Path:
    """A lesson in a repository that is a folder of a larger one, as committed."""
    root = tmp_path / "large" / "lessons"
    lesson = root / "projects" / "x"
    lesson.mkdir(parents=True)
    (lesson / "workflow.py").write_text("committed")
    Repository(tmp_path / "large").begin()
    for module in (solved, git, files):
        monkeypatch.setattr(module, "ROOT", root)
    monkeypatch.setattr(solved, "KEPT", tmp_path / "kept")
    return lesson


def test_a_reset_keeps_what_was_changed(lesson, tmp_path):
    (lesson / "workflow.py").write_text("mine")
    (lesson / ".#workflow.py").symlink_to("me@host.1")  # the lock of a file that is open in Emacs
    (lesson / "repository").mkdir()
    Repository(lesson / "repository").begin()
    solved.reset(lesson)
    (kept,) = (tmp_path / "kept" / "x").glob("reset-*")
    assert sorted(path.name for path in (kept / "projects" / "x").iterdir()) == [".#workflow.py", "workflow.py"]
    assert (kept / "projects" / "x" / "workflow.py").read_text() == "mine"
    assert (lesson / "workflow.py").read_text() == "committed"
    assert (lesson / "repository" / ".git").is_dir()
