"""Registering from the make targets: the images' digests, the version, the commands, and all lessons in a row."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from repositories import Repository

from tools.core import git
from tools.core.paths import OUT, ROOT
from tools.images import naming, published
from tools.lessons import catalog, shared_files
from tools.tiers import cluster, local

DIGEST, OTHER = (f"sha256:{64 * digit}" for digit in "ab")


@pytest.fixture
def registry(monkeypatch):
    """What the registry has: digests by reference."""
    images: dict[str, str] = {}
    monkeypatch.setattr(published.registry, "digest", lambda reference: images.get(reference, ""))
    monkeypatch.setattr(published.shutil, "which", lambda name: name)
    monkeypatch.setattr(published, "REGISTRY", "localhost:30000/lessons")
    monkeypatch.setattr(published, "tag", lambda: "0123456789ab-dirty")
    return images


def tagged(image: str, tag: str = "0123456789ab-dirty") -> str:
    return f"localhost:30000/lessons/{image}:{tag}"


def test_images_are_named_by_digest(registry):
    registry[tagged("pytorch")] = DIGEST
    registry[tagged("pytorch-training")] = OTHER
    found = published.references(catalog.find("pytorch"))
    assert found == {
        "default": f"{published.REGISTRY}/pytorch@{DIGEST}",
        "training": f"{published.REGISTRY}/pytorch-training@{OTHER}",
    }


@pytest.mark.parametrize(
    ("image", "is_told"),
    [
        ({"config": {"Labels": {"jars": "hadoop-aws-3.3.4.jar"}}}, False),
        ({"linux/amd64": {"config": {"Labels": {"jars": "hadoop-aws-3.3.4.jar"}}}}, False),
        ({"config": {"Labels": None}}, True),
        ({"linux/amd64": {"config": {"Labels": {}}}, "linux/arm64": {"config": {"Labels": {}}}}, True),
    ],
)
def test_an_image_of_spark_without_a_client_for_the_store_is_told(image, is_told, registry, monkeypatch, capsys):
    monkeypatch.setattr(published.registry, "inspect", lambda reference: {"image": image})
    published.say_without_client(catalog.find("spark"), {"default": f"{published.REGISTRY}/spark@{DIGEST}"})
    published.say_without_client(catalog.find("sql"), {"default": f"{published.REGISTRY}/sql@{DIGEST}"})
    said = capsys.readouterr().out
    assert said.startswith("spark has no client for S3") == is_told
    assert len(said.splitlines()) == is_told


def test_an_image_that_is_not_there_stops_before_anything_is_done(registry, stopped, monkeypatch):
    monkeypatch.setenv("PROJECT", "flyte-basics")
    monkeypatch.setattr(cluster, "call", lambda command: pytest.fail("something was done"))
    assert stopped(cluster.register) == (
        f"{tagged('flyte-basics')} is not in the registry, from which the cluster pulls it; "
        "push it first: make publish PROJECT=flyte-basics"
    )


@pytest.fixture
def history(tmp_path, monkeypatch, registry):
    """A repository with a lesson, whose first revision has been published; nothing else is in the registry."""
    repository = Repository(tmp_path / "repository")
    for name in ("Dockerfile", "flyte_basics/workflow.py", "flyte_basics/penguins.csv", "README.md"):
        repository.write(f"projects/flyte-basics/{name}")
    repository.write("shared/workshop/hashes.py")
    repository.write("images/spark/Dockerfile")
    repository.begin()
    registry[tagged("flyte-basics", repository.git("rev-parse", "HEAD")[:12])] = DIGEST
    monkeypatch.setattr(git, "ROOT", repository.folder)
    monkeypatch.setenv("FAST", "1")
    return repository


def test_fast_takes_the_newest_image_that_differs_in_python_files_only_and_names_it(history, capsys):
    first = history.git("rev-parse", "HEAD")[:12]
    for name in ("flyte_basics/workflow.py", "README.md", "tests/test_flyte_basics.py"):
        history.write(f"projects/flyte-basics/{name}")
    history.write("images/spark/Dockerfile")  # this lesson is not made from it
    history.commit()
    history.write("shared/workshop/hashes.py")
    history.write("projects/flyte-basics/flyte_basics/new.py")
    found = published.references(catalog.find("flyte-basics"))
    assert found == {"default": f"{published.REGISTRY}/flyte-basics@{DIGEST}"}
    assert capsys.readouterr().out == f"FAST=1: flyte-basics of revision {first}, 3 Python files differ\n"


@pytest.mark.parametrize("name", ["Dockerfile", "flyte_basics/penguins.csv"])
def test_fast_takes_no_image_that_differs_in_more(name, history, stopped):
    first = history.git("rev-parse", "HEAD")[:12]
    history.write(f"projects/flyte-basics/{name}")
    history.commit()
    assert stopped(published.references, catalog.find("flyte-basics")) == (
        f"FAST=1 finds no image of flyte-basics to run this code in: projects/flyte-basics/{name} differs from "
        f"revision {first}, and FAST=1 uploads Python files only; make publish PROJECT=flyte-basics"
    )


def test_fast_says_when_nothing_was_published(history, registry, stopped):
    registry.clear()
    history.commit()
    assert stopped(published.references, catalog.find("flyte-basics")) == (
        "FAST=1 finds no image of flyte-basics in the registry, of 2 revisions; push one first: "
        "make publish PROJECT=flyte-basics"
    )


def test_without_docker_nobody_asks_the_registry(monkeypatch, stopped, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert stopped(published.references, catalog.find("flyte-basics")).startswith("docker is not on PATH; install ")


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


@pytest.mark.parametrize(
    ("target", "variables", "verb", "words"),
    [
        (local.run, {"REMOTE": "1", "ARGS": "--test_size 0.3"}, "run", ["--test_size", "0.3"]),
        (local.recover, {"EXECUTION": "abc"}, "recover", ["abc"]),
        (cluster.watch, {"EXECUTION": "abc"}, "watch", ["abc"]),
        (cluster.abort, {"EXECUTION": "abc"}, "abort", ["abc"]),
        (cluster.activate, {}, "activate", []),
        (cluster.deactivate, {}, "deactivate", []),
        (cluster.schedules, {}, "schedules", []),
    ],
)
def test_targets_become_commands(target, variables, verb, words, monkeypatch):
    for name, value in {"PROJECT": "flyte-basics", "VERSION": "v1", **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(catalog.Environment, "ensure", lambda environment: environment)
    commands = []
    monkeypatch.setattr(cluster, "call", lambda command: commands.append(command) or 0)
    assert target() == 0
    ((_, *rest),) = commands
    assert rest[:3] == ["-m", "runner", f"cluster-{verb}"]
    assert rest[3:] == [str(catalog.find("flyte-basics").folder), str(OUT), json.dumps({"version": "v1"}), *words]


def test_nothing_is_added_to_what_a_command_says_on_ctrl_c(monkeypatch):
    def interrupted(words):
        raise KeyboardInterrupt

    monkeypatch.setenv("PROJECT", "flyte-basics")
    monkeypatch.setattr(cluster, "command", lambda *_: [])
    monkeypatch.setattr(cluster, "call", interrupted)
    assert cluster.follow("watch", []) == 130


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, str(ROOT / "sandbox" / "config.yaml")),
        ({"FLYTECTL_CONFIG": ""}, str(ROOT / "sandbox" / "config.yaml")),
        ({"FLYTECTL_CONFIG": "/mine.yaml"}, "/mine.yaml"),
        ({"FLYTE_PLATFORM_URL": "flyte.example"}, None),
    ],
)
def test_the_cluster_is_the_one_that_is_named_or_the_sandbox(variables, told, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cluster, "command", lambda *_: [])
    monkeypatch.setattr(cluster, "call", lambda command: 0)
    assert cluster.do("abort", catalog.find("flyte-basics")) == 0
    assert os.environ.get("FLYTECTL_CONFIG") == told


def test_a_lessons_cases_are_run_in_the_version_that_was_registered(monkeypatch, registry):
    registry[tagged("flyte-basics")] = DIGEST
    for name, value in {"PROJECT": "flyte-basics", "VERSION": "v1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(catalog.Environment, "ensure", lambda environment: environment)
    done = []
    monkeypatch.setattr(cluster, "call", lambda words: done.append(words[3]) or 0)
    monkeypatch.setattr(cluster, "pytest", lambda environment, folder, *words: done.append(words) or 0)
    assert cluster.test_cluster() == 0
    verb, words = done
    assert verb == "cluster-register"
    assert words[:7] == ("--tier", "cluster", "--registered", "v1", "--out", str(OUT), "-s")
    assert words[-1] == "tests"


def test_lessons_whose_images_are_not_there_are_named_at_the_end(monkeypatch, registry, stopped):
    monkeypatch.setenv("PROJECT", "flyte-basics")
    assert stopped(cluster.test_cluster) == "cluster tests failed: flyte-basics"


@pytest.mark.parametrize("target", [cluster.watch, cluster.abort])
def test_a_missing_execution_is_one_line(target, monkeypatch, stopped):
    monkeypatch.setenv("PROJECT", "flyte-basics")
    assert stopped(target).startswith("EXECUTION is missing: add EXECUTION=<name>")


def test_all_lessons_are_registered_past_a_failure(monkeypatch, capfd, registry):
    registry[tagged("flyte-basics")] = DIGEST
    chosen = [catalog.find(name) for name in ("map-tasks", "flyte-basics", "flyte-basics")]
    monkeypatch.setattr(catalog, "every", lambda: chosen)
    statuses = iter([2, 0])
    monkeypatch.setattr(
        cluster, "command", lambda *_, **__: [sys.executable, "-c", f"raise SystemExit({next(statuses)})"]
    )
    assert cluster.register_all() == 1
    lines = capfd.readouterr().out.splitlines()
    assert any("make publish PROJECT=map-tasks" in line for line in lines)
    assert [" ".join(line.split()) for line in lines[-3:]] == [
        "map-tasks failed, see above",
        "flyte-basics failed, see above",
        "flyte-basics registered",
    ]


def test_code_that_is_in_no_image_is_uploaded(registry, monkeypatch):
    """The lesson's image is a base; an image of its own holds the code of any other lesson."""
    monkeypatch.setenv("FAST", "")
    registry.update({tagged("sklearn"): DIGEST, tagged("flyte-basics"): DIGEST})
    seen = []
    monkeypatch.setattr(cluster, "call", lambda command: seen.append((os.environ["FAST"], command)) or 0)
    for name in ("flyte-basics", "differences"):
        assert cluster.register_one(catalog.find(name)) == 0
    (basics, _), (differences, command) = seen
    assert (basics, differences) == ("", "1")
    facts = json.loads(command[command.index("cluster-register") + 3])
    assert facts["images"] == {"default": f"{published.REGISTRY}/sklearn@{DIGEST}"}
    assert facts["version"].endswith("-fast")
