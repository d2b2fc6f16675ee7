"""Tags and addresses of images come from git, and so does the version of a lesson on a cluster."""

import json
import os
import shutil
import subprocess

import pytest
from repositories import Repository

from tools.core import git as checkout
from tools.core.paths import ROOT
from tools.images import naming
from tools.lessons import catalog, shared_files


@pytest.fixture(autouse=True)
def a_new_call_of_make():
    """The tag is one within a call of make, however the tree changes meanwhile."""
    naming.tag.cache_clear()


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A folder outside of any git repository, which the tools take for the checkout."""
    monkeypatch.setattr(checkout, "ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def git(nowhere):
    """Calls git in a new repository with one commit, which the tools take for the checkout."""
    (nowhere / "file").write_text("one\n")
    (nowhere / ".gitignore").write_text("/ignored\n")
    repository = Repository(nowhere)
    repository.begin()
    return repository.git


def test_the_tag_of_a_clean_tree_is_its_revision(git):
    assert naming.tag() == git("rev-parse", "HEAD")[:12]


@pytest.mark.parametrize("name", ["file", "untracked"])
def test_the_tag_of_a_changed_tree_says_so(name, git, nowhere):
    (nowhere / name).write_text("two\n")
    assert naming.tag() == git("rev-parse", "HEAD")[:12] + "-dirty"


def test_what_people_set_for_their_eyes_changes_no_answer(git, nowhere):
    git("config", "status.showUntrackedFiles", "no")
    git("config", "log.showSignature", "true")
    assert "\n" not in checkout.ask("log", "-1", "--format=%cI")
    (nowhere / "untracked").touch()
    assert naming.tag().endswith("-dirty")


def test_an_ignored_file_does_not_change_the_tag(git, nowhere):
    (nowhere / "ignored").touch()
    assert not naming.tag().endswith("-dirty")


def test_images_with_the_cuda_build_of_pytorch_have_a_tag_of_their_own(git, monkeypatch):
    monkeypatch.setenv("TORCH", "cuda")
    assert naming.tag() == git("rev-parse", "HEAD")[:12] + "-cuda"


def test_another_build_of_pytorch_is_refused(git, monkeypatch, stopped):
    monkeypatch.setenv("TORCH", "rocm")
    assert stopped(naming.tag) == "TORCH must be cpu or cuda, the build of PyTorch, not 'rocm'"


def test_outside_git_there_is_no_version_and_no_source(nowhere):
    assert (naming.tag(), checkout.source()) == ("unversioned", "")


def test_without_git_there_is_no_version_and_no_source(nowhere, monkeypatch):
    monkeypatch.setenv("PATH", str(nowhere))
    assert (naming.tag(), checkout.source()) == ("unversioned", "")


def test_a_repository_without_remote_has_no_source(git):
    assert checkout.source() == ""


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
    assert checkout.source() == source


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
    assert checkout.source() == "https://git.example/team/a@b"


@pytest.mark.parametrize("scheme", ["https", "http", "ssh", "git"])
def test_credentials_never_get_into_an_image(scheme, git):
    git("remote", "add", "origin", f"{scheme}://user:secret-word@git.example/team/lessons.git")
    assert "secret-word" not in checkout.source()


def test_a_lessons_image_is_named_with_registry_and_tag(git, monkeypatch):
    monkeypatch.setattr(naming, "REGISTRY", "registry.example")
    reference = naming.references(catalog.find("flyte-basics"))["default"]
    assert reference == f"registry.example/flyte-basics:{git('rev-parse', 'HEAD')[:12]}"


def test_the_harness_gets_the_interpreter_of_each_images_lock():
    project = catalog.find("flyte-basics")
    facts = json.loads(naming.images(project))
    reference = naming.references(project)["default"]
    python = str(project.environment.python)
    assert facts == {"default": {"reference": reference, "python": python, "lock": "requirements.txt"}}


def test_the_harness_is_told_of_an_image_without_the_lessons_code():
    facts = json.loads(naming.images(catalog.find("differences")))["default"]
    assert facts["reference"] == naming.reference("sklearn")
    assert facts["has_code"] is False


def test_git_that_refuses_says_why_before_an_image_gets_a_wrong_tag(git, monkeypatch, stopped):
    monkeypatch.setattr(checkout, "clean_environment", lambda: os.environ | {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    assert "dubious ownership" in stopped(naming.tag)


def test_a_run_needs_no_git_that_answers(git, monkeypatch, capsys):
    monkeypatch.setattr(checkout, "clean_environment", lambda: os.environ | {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    facts = json.loads(naming.images(catalog.find("flyte-basics")))["default"]
    assert facts["reference"] == "flyte-basics:unversioned"
    assert checkout.revision_if_known() == ""
    assert capsys.readouterr().err.startswith("the record will not name a revision: git: detected dubious ownership")


def test_a_hook_s_own_repository_is_not_asked_about(git, monkeypatch, tmp_path_factory):
    revision = git("rev-parse", "HEAD")[:12]
    monkeypatch.setenv("GIT_DIR", str(tmp_path_factory.mktemp("other")))
    assert naming.tag() == revision


@pytest.fixture
def tree(monkeypatch):
    """Pretends a revision of the tree."""

    def tree(revision: str) -> None:
        naming.tag.cache_clear()
        monkeypatch.setattr(naming.git, "revision", lambda: revision)

    yield tree
    naming.tag.cache_clear()


def test_the_version_is_the_revision(tree):
    tree("0123456789abcdef")
    assert naming.version(catalog.find("flyte-basics")) == "0123456789ab"


def test_a_tree_with_changes_has_a_version_for_each_content(tree, monkeypatch, tmp_path):
    tree("0123456789abcdef-dirty")
    first, other = (naming.version(catalog.find(name)) for name in ("flyte-basics", "map-tasks"))
    assert first.startswith("0123456789ab-dirty-")
    assert first != other
    assert first == naming.version(catalog.find("flyte-basics"))


def test_any_file_of_the_lesson_and_what_it_imports_changes_its_content(tmp_path, monkeypatch):
    folder = shutil.copytree(catalog.find("flyte-basics").folder, tmp_path / "projects" / "flyte-basics")
    shared = shutil.copytree(ROOT / "shared", tmp_path / "shared")
    for module in (naming, naming.git):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(shared_files, "SHARED", shared)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    project = catalog.Project("flyte-basics", folder, catalog.find("flyte-basics").lesson)
    hashes = [naming.content_hash(project)]
    for file in (folder / "file.py", shared / "workshop" / "resources.py", shared / "workshop" / "hashes.py"):
        with file.open("a") as opened:
            opened.write("# changed\n")
        hashes.append(naming.content_hash(project))
    assert len(set(hashes[:3])) == 3
    assert hashes[3] == hashes[2], "the lesson does not import hashes"


def test_a_version_can_be_named(monkeypatch):
    monkeypatch.setenv("VERSION", "rehearsal-2")
    assert naming.version(catalog.find("flyte-basics")) == "rehearsal-2"
