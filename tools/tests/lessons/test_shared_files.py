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


def test_a_module_counts_with_the_data_of_its_name_also_when_a_module_inside_a_folder_imports_it(projects):
    lesson = catalog.find("sql")
    hashes = SHARED / "workshop" / "hashes.py"
    assert {SHARED / "workshop" / "penguins.py", SHARED / "workshop" / "penguins.csv"} <= shared_files(lesson)
    assert hashes not in shared_files(lesson)
    inner = lesson.folder / lesson.package / "inner"
    inner.mkdir()
    (inner / "__init__.py").write_text("")
    (inner / "module.py").write_text(
        "def hashed():\n    from workshop.hashes import hash_frame\n\n    return hash_frame\n"
    )
    assert hashes in shared_files(lesson)
