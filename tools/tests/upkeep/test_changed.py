"""`make changed`: what files concern, told on real git repositories that hold a copy of this one."""

import json
import shutil
from pathlib import Path
from typing import get_args

import pytest
from repositories import Repository

from tools.lessons import catalog
from tools.lessons.bases import Base
from tools.tests.test_bake import no_buildx
from tools.upkeep import changed

pytest_plugins = ["repositories"]
pytestmark = pytest.mark.skipif(no_buildx(), reason="docker buildx is not on this machine")

LESSONS = {project.name: {image.base for image in project.lesson.images.values()} for project in catalog.every()}
BASES = set(get_args(Base))
ON_TABULAR = {name for name, bases in LESSONS.items() if bases & {"tabular", "sklearn"}}
WITH_PYTHON = {project.name for project in catalog.every() if any(i.lock for i in project.lesson.images.values())}


@pytest.mark.parametrize(
    ("name", "of_lessons", "of_bases"),
    [
        ("projects/sql/sql_lesson/workflow.py", {"sql"}, set()),
        ("projects/sql/tests/test_binding.py", {"sql"}, set()),
        ("projects/sql/README.md", {"sql"}, set()),  # its tests read it
        ("projects/sql/requirements.txt", {"sql"}, set()),
        ("projects/pytorch/requirements-data.txt", {"pytorch"}, set()),
        ("shared/workshop/resources.py", set(LESSONS), {"sklearn"}),
        ("shared/requirements.txt", set(LESSONS), {"sklearn"}),
        ("images/base/Dockerfile", set(LESSONS), BASES),
        ("images/environment/Dockerfile", WITH_PYTHON, {"tabular", "sklearn"}),
        ("images/tabular/requirements.txt", ON_TABULAR, {"tabular", "sklearn"}),
        ("images/spark/entrypoint.sh", {"spark"}, {"spark-base"}),
        ("images/tests/test_every_image.py", set(LESSONS), set()),
        ("docker-bake.hcl", set(LESSONS), set()),
        ("Makefile", set(LESSONS), set()),
        ("tools/suites.py", set(LESSONS), BASES),
        ("tools/uv.txt", set(LESSONS), BASES),
        ("tools/tests/test_make.py", set(), set()),
        ("tools/template/README.md", set(), set()),
        ("README.md", set(), set()),
        ("docs/local-and-cluster.md", set(), set()),
        ("benchmarks/start.py", set(), set()),
        (".github/workflows/checks.yml", set(), set()),
        ("projects-of-mine/sql/x.py", set(), set()),
    ],
)
def test_a_file_concerns_what_is_made_from_it(name, of_lessons, of_bases, repository, told):
    repository.write(name)
    repository.commit()
    assert told() == (of_lessons, of_bases)


def test_the_lessons_on_tabular_are_some_and_not_all():
    assert set() < ON_TABULAR < set(LESSONS)


def rename(folder: Path, old: str, new: str) -> None:
    """Renames a lesson, as its owner does: the folder, then make format."""
    (folder / "projects" / old).rename(folder / "projects" / new)
    bake = folder / "docker-bake.json"
    bake.write_text(bake.read_text().replace(f'"{old}"', f'"{new}"'))


def test_a_renamed_lesson_is_one_under_its_new_name(repository, told):
    rename(repository.folder, "caching", "memoization")
    repository.commit()
    assert told() == ({"memoization"}, set())


def test_a_removed_lesson_is_told_and_nothing_of_it_is_tested(repository, told, capsys, monkeypatch):
    shutil.rmtree(repository.folder / "projects" / "caching")
    repository.commit()
    assert told() == (set(), set())
    monkeypatch.delenv("FORMAT")
    changed.changed()
    assert capsys.readouterr().out.splitlines()[1:] == [
        "projects/caching is gone: nothing of it is left to test",
        "no lesson and no image is concerned",
    ]


def test_a_lesson_that_bake_does_not_know_is_one_line(repository, stopped):
    (repository.folder / "projects" / "caching").rename(repository.folder / "projects" / "memoization")
    assert stopped(changed.changed) == "docker-bake.json lacks the image memoization; make format writes it anew"


def test_lessons_are_told_in_the_order_in_which_they_are_taught(repository, capsys, monkeypatch):
    repository.write("Makefile")
    monkeypatch.setenv("FORMAT", "json")
    changed.changed()
    assert json.loads(capsys.readouterr().out)["lessons"] == [project.name for project in catalog.every()]


def test_what_is_not_committed_counts_and_is_told(repository, told, capsys, monkeypatch):
    repository.commit()
    repository.write("projects/sql/README.md")
    repository.write("projects/ray/a new file.py")
    repository.write("projects/spark/lesson.toml")
    repository.git("add", "projects/spark/lesson.toml")
    repository.write("out/ignored")
    assert told("HEAD") == ({"sql", "ray", "spark"}, set())
    monkeypatch.delenv("FORMAT")
    changed.changed()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"files changed since {repository.git('rev-parse', 'HEAD')[:12]}: 3, 3 of them not committed"
    assert lines[3:] == [
        "lesson  sql    projects/sql/README.md",
        "lesson  spark  projects/spark/lesson.toml",
        "lesson  ray    projects/ray/a new file.py",
    ]


def test_many_files_are_told_by_the_first_and_their_number(repository, capsys, monkeypatch):
    monkeypatch.setenv("SINCE", "HEAD")
    for name in ("a.py", "b.py", "c.py"):
        repository.write(f"projects/ray/{name}")
    changed.changed()
    assert capsys.readouterr().out.endswith("lesson  ray   projects/ray/a.py and 2 more\n")


def test_a_name_beyond_ascii_and_with_a_line_break_is_a_name(repository, told):
    repository.write("projects/ray/ä\nb.py")
    assert told("HEAD") == ({"ray"}, set())


@pytest.mark.parametrize(("has", "told"), [((), "git"), (("git",), "docker")])
def test_a_missing_program_is_one_line(has, told, repository, tmp_path, monkeypatch, stopped):
    (tmp_path / "bin").mkdir()
    for name in has:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert stopped(changed.changed).startswith(f"{told} is not on PATH; ")


def test_a_bake_file_that_cannot_be_read_is_one_line(repository, stopped):
    (repository.folder / "docker-bake.hcl").write_text('target "base" {')
    assert stopped(changed.changed).startswith("docker buildx bake: ")


def test_another_format_is_one_line(repository, monkeypatch, stopped):
    monkeypatch.setenv("FORMAT", "yaml")
    assert stopped(changed.changed) == "FORMAT is 'yaml'; it is text or json"


def test_json_is_all_that_make_prints_even_when_it_sets_up_first(clone, make):
    (clone / ".tools").mkdir()
    (clone / ".tools" / "uv").symlink_to(changed.ROOT / ".tools" / "uv")
    Repository(clone).begin()
    answer = make("changed", "FORMAT=json", root=clone)
    assert answer.returncode == 0
    assert set(json.loads(answer.stdout)["lessons"]) == set(LESSONS)
    assert "environment ready" in answer.stderr
