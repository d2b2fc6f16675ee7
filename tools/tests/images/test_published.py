"""Which published images a lesson is registered with, by their digests."""

import pytest
from pretended_registry import DIGEST, OTHER, tagged
from repositories import Repository, needs_buildx

from tools.core import git
from tools.images import published
from tools.lessons import catalog


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


@needs_buildx
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


@needs_buildx
@pytest.mark.parametrize("name", ["Dockerfile", "flyte_basics/penguins.csv"])
def test_fast_takes_no_image_that_differs_in_more(name, history, stopped):
    first = history.git("rev-parse", "HEAD")[:12]
    history.write(f"projects/flyte-basics/{name}")
    history.commit()
    assert stopped(published.references, catalog.find("flyte-basics")) == (
        f"FAST=1 finds no image of flyte-basics to run this code in: projects/flyte-basics/{name} differs from "
        f"revision {first}, and FAST=1 uploads Python files only; make publish PROJECT=flyte-basics"
    )


@needs_buildx
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


def test_a_registry_with_a_wrong_name_is_reported_before_it_is_asked(monkeypatch, stopped):
    monkeypatch.setenv("REGISTRY", "https://registry.example")
    line = stopped(published.references, catalog.find("flyte-basics"))
    assert line.startswith("REGISTRY is 'https://registry.example'; it names a registry and a path ")
