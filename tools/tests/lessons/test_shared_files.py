"""Which files of the shared package a lesson imports."""

from tools.core.paths import SHARED
from tools.lessons import catalog
from tools.lessons.shared_files import shared_files


def test_the_lock_of_a_file_that_is_open_in_emacs_is_no_module(projects):
    lesson = catalog.find("sql")
    before = shared_files(lesson)
    (lesson.folder / lesson.package / ".#workflow.py").symlink_to("me@host.1")
    assert shared_files(lesson) == before


def test_a_file_that_cannot_be_imported_counts_as_if_it_imported_all(projects):
    lesson = catalog.find("sql")
    (lesson.folder / lesson.package / "workflow.copy.py").write_text("")
    assert shared_files(lesson) >= set((SHARED / "workshop").glob("*.py"))
