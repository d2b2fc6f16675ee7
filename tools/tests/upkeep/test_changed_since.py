"""`make changed`: since when, on branches, merges, clones without history and where there was nothing before."""

import subprocess
from typing import get_args

import pytest

from tools.lessons import catalog
from tools.lessons.bases import Base
from tools.tests.test_bake import no_buildx
from tools.upkeep import changed

pytest_plugins = ["repositories"]
pytestmark = pytest.mark.skipif(no_buildx(), reason="docker buildx is not on this machine")

LESSONS = {project.name for project in catalog.every()}
BASES = set(get_args(Base))


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
    assert told(since) == (LESSONS, BASES)


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


def test_outside_of_git_is_one_line(clone, read_from, monkeypatch, stopped):
    read_from(clone)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(clone.parent))
    assert stopped(changed.changed).startswith("this folder is no git checkout with a commit, so nothing says ")
