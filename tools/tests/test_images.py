"""Tags and addresses of images come from git; what docker lacks is told before any work."""

import shutil
import subprocess

import pytest

from tools import images, lessons
from tools.paths import ROOT

needs_docker = pytest.mark.skipif(not shutil.which("docker"), reason="docker is not on this machine")


@pytest.fixture(autouse=True)
def a_new_call_of_make():
    """The tag is one within a call of make, however the tree changes meanwhile."""
    images.tag.cache_clear()


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A folder outside of any git repository, which tools.images takes for the checkout."""
    monkeypatch.setattr(images, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    return tmp_path


@pytest.fixture
def git(nowhere):
    """Calls git in a new repository with one commit, which tools.images takes for the checkout."""

    def git(*words: str) -> str:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        command = ["git", "-C", nowhere, *identity, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    (nowhere / "file").write_text("one\n")
    (nowhere / ".gitignore").write_text("/ignored\n")
    git("add", ".")
    git("commit", "--quiet", "--message", "one")
    return git


def test_the_tag_of_a_clean_tree_is_its_revision(git):
    assert images.tag() == git("rev-parse", "HEAD")[:12]


@pytest.mark.parametrize("name", ["file", "untracked"])
def test_the_tag_of_a_changed_tree_says_so(name, git, nowhere):
    (nowhere / name).write_text("two\n")
    assert images.tag() == git("rev-parse", "HEAD")[:12] + "-dirty"


def test_an_ignored_file_does_not_change_the_tag(git, nowhere):
    (nowhere / "ignored").touch()
    assert not images.tag().endswith("-dirty")


def test_outside_git_there_is_no_version_and_no_source(nowhere):
    assert (images.tag(), images.source()) == ("unversioned", "")


def test_without_git_there_is_no_version_and_no_source(nowhere, monkeypatch):
    monkeypatch.setenv("PATH", str(nowhere))
    assert (images.tag(), images.source()) == ("unversioned", "")


def test_a_repository_without_remote_has_no_source(git):
    assert images.source() == ""


@pytest.mark.parametrize(
    ("remote", "source"),
    [
        ("git@git.example:team/lessons.git", "https://git.example/team/lessons"),
        ("https://git.example/team/lessons.git", "https://git.example/team/lessons"),
        ("https://git.example/team/lessons", "https://git.example/team/lessons"),
        ("https://user:secret-word@git.example/team/lessons.git", "https://git.example/team/lessons"),
        ("https://secret-word@git.example/team/lessons", "https://git.example/team/lessons"),
        ("/srv/git/lessons.git", ""),
        ("file:///srv/git/lessons.git", ""),
        ("../lessons", ""),
    ],
)
def test_the_source_is_the_address_for_a_browser(remote, source, git):
    git("remote", "add", "origin", remote)
    assert images.source() == source


@pytest.mark.parametrize(
    "remote",
    [
        "ssh://git@git.example/team/a@b.git",
        "ssh://git@git.example:2222/team/a@b.git",
        "https://git.example/team/a@b.git/",
        "https://git.example/team/a@b?token=secret-word",
    ],
)
def test_the_source_of_a_rarer_address(remote, git):
    git("remote", "add", "origin", remote)
    assert images.source() == "https://git.example/team/a@b"


@pytest.mark.parametrize("scheme", ["https", "http", "ssh", "git"])
def test_credentials_never_get_into_an_image(scheme, git):
    git("remote", "add", "origin", f"{scheme}://user:secret-word@git.example/team/lessons.git")
    assert "secret-word" not in images.source()


def test_no_docker_is_told_with_where_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert images.docker_problem().startswith("docker is not on PATH; install ")


@needs_docker
def test_a_daemon_that_does_not_answer_is_told_with_how_to_start_it(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    assert images.docker_problem().startswith("Docker's daemon does not answer; start it (")


def test_too_little_disk_is_told_before_a_build(monkeypatch, stopped):
    monkeypatch.setattr(images, "docker_problem", lambda: "")
    monkeypatch.setattr(images, "BUILD_DISK_MB", 10**12)
    assert stopped(images.need_docker).startswith(f"{10**12} MB of disk are needed at {ROOT}, ")


@needs_docker
@pytest.mark.parametrize("words", [("build", "PROJECT=flyte-basics"), ("build-all",), ("test-image",)])
def test_a_build_without_daemon_stops_in_one_line(words, make):
    answer = make(*words, DOCKER_HOST="unix:///nonexistent.sock")
    line, of_make = answer.stderr.splitlines()
    assert answer.returncode == 2
    assert line.startswith(f"make {words[0]}: Docker's daemon does not answer; start it (")
    assert of_make.startswith("make: ***")
    assert answer.stdout == ""


def test_a_lessons_image_is_named_with_registry_and_tag(git, monkeypatch):
    monkeypatch.setattr(images, "REGISTRY", "registry.example")
    reference = images.references(lessons.find("flyte-basics"))["default"]
    assert reference == f"registry.example/flyte-basics:{git('rev-parse', 'HEAD')[:12]}"
