"""`make changed`: since when, on branches, merges, clones without history and where there was nothing before."""

import os
import subprocess
from typing import get_args

import pytest
from repositories import needs_buildx

from tools.core import git
from tools.lessons import catalog
from tools.lessons.bases import Base
from tools.upkeep import changed

pytestmark = needs_buildx

LESSONS = {project.name for project in catalog.every()}
IMAGES = {*get_args(Base), *(name for project in catalog.every() for name in project.image_names)}


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
    assert told(since) == (LESSONS | {*catalog.SUITES, *catalog.ALONE}, IMAGES)


@pytest.mark.parametrize("since", ["no-such-branch", "--all", "HEAD~9", "f" * 40, "main:README.md"])
def test_an_unknown_revision_is_one_line(since, repository, monkeypatch, stopped):
    monkeypatch.setenv("SINCE", since)
    end = "is not a commit in this clone; name a branch, a tag or a commit in it"
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
    assert line.endswith("is not a commit in this clone; this clone is shallow, git fetch --unshallow brings the rest")


def test_outside_of_git_is_one_line_that_says_so(clone, read_from, stopped):
    read_from(clone)
    assert stopped(changed.changed).endswith(
        " is not a git repository; get the lessons by git clone, not as an archive"
    )


def test_a_repository_of_somebody_else_is_told_with_what_to_do(repository, monkeypatch, stopped):
    """As in a container, where the checkout belongs to another user."""
    monkeypatch.setattr(git, "clean_environment", lambda: os.environ | {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    line = stopped(changed.changed)
    assert "dubious ownership" in line
    assert "git config --global --add safe.directory" in line


def test_before_the_first_commit_is_one_line(tmp_path, read_from, stopped):
    subprocess.run(["git", "init", "--quiet", tmp_path / "new"], check=True)
    read_from(tmp_path / "new")
    assert "has no commit yet" in stopped(changed.changed)
