"""Where a result comes from, as its record says it."""

import hashlib
import shutil
from pathlib import Path

import pytest
from workshop.penguins import CSV

from runner.lesson import Lesson
from runner.records import provenance
from runner.records.record import Record

EXAMPLE = Path(__file__).parents[1] / "example"


@pytest.fixture
def lesson(tmp_path) -> Lesson:
    """A copy of the example, whose files may be changed."""
    return Lesson.read(shutil.copytree(EXAMPLE, tmp_path / "example"))


def hashes(lesson: Lesson) -> dict[str, str]:
    return {name: value for name, value in provenance.provenance(lesson).items() if name.endswith(" sha256")}


@pytest.mark.parametrize(
    ("given", "revision", "uncommitted"),
    [("a1" * 20, "a1" * 20, False), (f"{'a1' * 20}-dirty", "a1" * 20, True), ("", None, None)],
)
def test_the_revision_is_the_one_that_make_hands_over(lesson, monkeypatch, given, revision, uncommitted):
    monkeypatch.setenv("CODE_REVISION", given)
    facts = provenance.provenance(lesson)
    assert (facts["revision"], facts["uncommitted changes"]) == (revision, uncommitted)


def test_provenance_names_the_lock_and_the_direct_dependencies(lesson):
    facts = provenance.provenance(lesson)
    lock = lesson.folder / "requirements.txt"
    assert facts["lock sha256"] == hashlib.sha256(lock.read_bytes()).hexdigest()
    assert facts["flytekit"].startswith("1.16.")


def test_provenance_names_each_file_of_data_that_the_lesson_imports_and_no_other(lesson):
    record = Record("l", "", "", "1", "", {}, "", provenance.provenance(lesson))
    assert record.data_with_code == {}
    workflow = lesson.folder / "example_lesson" / "workflow.py"
    workflow.write_text("from workshop import penguins\n" + workflow.read_text())
    record.provenance = provenance.provenance(lesson)
    content = hashlib.sha256(CSV.read_bytes()).hexdigest()
    assert record.data_with_code == {"shared/workshop/penguins.csv": content}


def test_a_file_that_no_module_can_be_is_no_fault_of_the_record(lesson):
    """The lock of a file that is open in Emacs, and a copy whose name Python cannot import."""
    package = lesson.folder / "example_lesson"
    workflow = package / "workflow.py"
    workflow.write_text("from workshop import penguins\n" + workflow.read_text())
    before = hashes(lesson)
    (package / ".#workflow.py").symlink_to("me@host.1")
    assert hashes(lesson) == before
    (package / "a.copy.py").write_text("")
    assert {**hashes(lesson), "code sha256": ""} == {**before, "code sha256": ""}


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("example_lesson/workflow.py", True),
        ("example_lesson/more.py", True),
        ("example_lesson/table.csv", True),
        ("requirements.txt", True),
        ("tests/test_example.py", False),
        ("exercises/first.py", False),
        ("README.md", False),
    ],
)
def test_the_code_of_a_run_is_the_lesson_s_package_and_its_lock(lesson, file, counts):
    before = hashes(lesson)
    changed = lesson.folder / file
    changed.parent.mkdir(exist_ok=True)
    with open(changed, "a") as opened:
        opened.write("\n# changed\n")
    assert (hashes(lesson) != before) is counts


@pytest.mark.parametrize(("module", "counts"), [("penguins", True), ("resources", False)])
def test_of_the_shared_package_what_the_lesson_imports_counts(lesson, monkeypatch, tmp_path, module, counts):
    shared = shutil.copytree(provenance.SHARED, tmp_path / "shared" / "workshop")
    monkeypatch.setattr(provenance, "SHARED", shared)
    workflow = lesson.folder / "example_lesson" / "workflow.py"
    workflow.write_text("from workshop import penguins\n" + workflow.read_text())
    before = hashes(lesson)
    with open(shared / f"{module}.py", "a") as opened:
        opened.write("\n# changed\n")
    provenance.content_hash.__globals__["hash_of"].cache_clear()
    assert (hashes(lesson) != before) is counts


def test_another_runner_is_the_same_code(lesson, monkeypatch, tmp_path):
    here = provenance.provenance(lesson)
    (tmp_path / "a.py").touch()
    monkeypatch.setattr(provenance, "RUNNER", tmp_path)
    there = provenance.provenance(lesson)
    assert here["runner"] != there["runner"]
    assert provenance.same_code(here, there)


@pytest.mark.parametrize("name", ["python", "code sha256", "data sha256", "lock sha256"])
def test_another_python_code_data_or_lock_is_other_code(lesson, name):
    here = provenance.provenance(lesson)
    assert name in here
    assert not provenance.same_code(here, here | {name: "another"})


def test_direct_dependencies_are_names_without_extras_and_comments_also_of_included_files(tmp_path):
    file = tmp_path / "requirements.in"
    file.write_text("# first==0\n-r more.in\n--requirement=other.in\npsycopg[binary]==3.3.9  # a driver\nnumpy>=2,<3\n")
    (tmp_path / "more.in").write_text("flytekit==1.16.31\n")
    (tmp_path / "other.in").write_text("ray==2.60.0 ; sys_platform == 'linux'\n")
    assert provenance.direct_dependencies(file) == ["flytekit", "ray", "psycopg", "numpy"]
