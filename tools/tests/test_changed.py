"""`make changed`: what a git diff concerns, told on real git repositories that hold a copy of this one."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import pytest

from tools import changed, lessons
from tools.bases import Base
from tools.tests.test_bake import no_buildx

pytestmark = pytest.mark.skipif(no_buildx(), reason="docker buildx is not on this machine")

LESSONS = {project.name: {image.base for image in project.lesson.images.values()} for project in lessons.every()}
BASES = set(get_args(Base))
ON_TABULAR = {name for name, bases in LESSONS.items() if bases & {"tabular", "sklearn"}}
WITH_PYTHON = {project.name for project in lessons.every() if any(i.lock for i in project.lesson.images.values())}


class Repository:
    """A git repository with a copy of this one as its only commit, on main."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit()

    def git(self, *words: str) -> str:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        command = ["git", "-C", self.folder, *identity, *words]
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
        monkeypatch.setattr(changed, "ROOT", folder)
        monkeypatch.setattr(lessons, "PROJECTS", folder / "projects")

    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    return read_from


@pytest.fixture
def repository(clone, read_from):
    read_from(clone)
    return Repository(clone)


@pytest.fixture
def told(monkeypatch, capsys):
    """What the command prints, as JSON read again: lessons and base images."""

    def told(since: str = "") -> tuple[set[str], set[str]]:
        monkeypatch.setenv("SINCE", since)
        monkeypatch.setenv("FORMAT", "json")
        changed.changed()
        line = capsys.readouterr().out
        assert line.count("\n") == 1
        facts = json.loads(line)
        return set(facts["lessons"]), set(facts["images"])

    return told


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
    assert json.loads(capsys.readouterr().out)["lessons"] == [project.name for project in lessons.every()]


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


def test_by_default_a_branch_is_compared_with_where_it_left_main(repository, told):
    repository.git("switch", "--quiet", "--create", "mine")
    repository.write("projects/ray/a.py")
    repository.commit()
    repository.write("projects/spark/a.py")
    repository.commit()
    repository.git("switch", "--quiet", "main")
    repository.write("projects/sql/a.py")
    repository.commit()
    repository.git("switch", "--quiet", "mine")
    assert told() == told("main") == ({"ray", "spark"}, set())


def test_the_main_of_origin_counts_before_ones_own(repository, told):
    """Which may be behind."""
    repository.write("projects/ray/a.py")
    repository.git("update-ref", "refs/remotes/origin/main", repository.commit())
    repository.git("switch", "--quiet", "--create", "mine")
    repository.git("branch", "--force", "main", "HEAD^")
    repository.write("projects/spark/a.py")
    repository.commit()
    assert told() == ({"spark"}, set())


def test_by_default_main_is_compared_with_the_commit_before(repository, told):
    for name in ("ray", "sql"):
        repository.write(f"projects/{name}/a.py")
        repository.commit()
    assert told() == ({"sql"}, set())


def test_a_merge_is_compared_with_what_it_was_merged_into(repository, told):
    """As GitHub checks out a pull request."""
    repository.git("switch", "--quiet", "--create", "theirs")
    repository.write("projects/ray/a.py")
    repository.commit()
    repository.git("switch", "--quiet", "main")
    repository.write("projects/sql/a.py")
    repository.commit()
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "theirs")
    assert told("HEAD^") == ({"ray"}, set())


@pytest.mark.parametrize("since", ["", "0" * 40])
def test_where_there_was_nothing_before_everything_is_new(since, repository, told):
    assert told(since) == (set(LESSONS), BASES)


@pytest.mark.parametrize("since", ["no-such-branch", "--all", "HEAD~9", "f" * 40, "main:README.md"])
def test_an_unknown_revision_is_one_line(since, repository, monkeypatch, stopped):
    monkeypatch.setenv("SINCE", since)
    end = "is no commit in this clone; name a branch, a tag or a commit in it"
    assert stopped(changed.changed) == f"SINCE={since!r} {end}"


def test_a_history_of_another_root_is_one_line(repository, monkeypatch, stopped):
    repository.git("switch", "--quiet", "--orphan", "other")
    repository.commit()
    monkeypatch.setenv("SINCE", "main")
    assert stopped(changed.changed) == "SINCE='main' has no history in common with HEAD; name another commit"


@pytest.mark.parametrize("since", ["", "HEAD^", "an earlier one"])
def test_a_shallow_clone_says_how_to_get_the_rest(since, repository, read_from, tmp_path, monkeypatch, stopped):
    earlier = repository.commit()
    repository.commit()
    origin = f"file://{repository.folder}"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", origin, tmp_path / "shallow"], check=True)
    read_from(tmp_path / "shallow")
    monkeypatch.setenv("SINCE", since and since.replace("an earlier one", earlier))
    line = stopped(changed.changed)
    assert line.endswith("is no commit in this clone; this clone is shallow, git fetch --unshallow brings the rest")


def test_outside_of_git_is_one_line(clone, read_from, monkeypatch, stopped):
    read_from(clone)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(clone.parent))
    assert stopped(changed.changed).startswith("this folder is no git checkout with a commit, so nothing says ")


@pytest.mark.parametrize(("has", "told"), [((), "git"), (("git",), "docker")])
def test_a_missing_program_is_one_line(has, told, repository, tmp_path, monkeypatch, stopped):
    (tmp_path / "bin").mkdir()
    for name in has:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert stopped(changed.changed).startswith(f"{told} is not on PATH; ")


def test_a_bake_file_that_cannot_be_read_is_one_line(repository, stopped):
    (repository.folder / "docker-bake.hcl").write_text('target "base" {')
    assert stopped(changed.changed).startswith("docker buildx bake --print, which knows which image ")


def test_another_format_is_one_line(repository, monkeypatch, stopped):
    monkeypatch.setenv("FORMAT", "yaml")
    assert stopped(changed.changed) == "FORMAT is 'yaml'; it is text or json"


def test_json_is_all_that_make_prints_even_when_it_sets_up_first(clone, make):
    (clone / ".tools").mkdir()
    (clone / ".tools" / "uv").symlink_to(changed.ROOT / ".tools" / "uv")
    Repository(clone)
    answer = make("changed", "FORMAT=json", root=clone)
    assert answer.returncode == 0
    assert set(json.loads(answer.stdout)["lessons"]) == set(LESSONS)
    assert "environment ready" in answer.stderr
