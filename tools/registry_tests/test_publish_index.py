"""Images of two platforms, each published to a place of its own, become one: the same layers, in another registry."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tools.images import registry
from tools.registry_tests.conftest import ROOT, Checkout, Registry, running

IMAGES = ["pytorch", "pytorch-training"]
PLATFORMS = ["amd64", "arm64"]


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Checkout:
    """A clean checkout with all lessons, of which nothing is built."""
    folder = tmp_path_factory.mktemp("clone") / "lessons"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True, capture_output=True)
    (folder / ".tools").mkdir()
    (folder / ".tools" / "uv").symlink_to(ROOT / ".tools" / "uv")
    clone = Checkout(folder)
    assert clone.make("list").returncode == 0
    return clone


def publish(registry: Registry, context: Path, platform: str, tag: str, attest: str, content: str = "") -> None:
    """Publishes both images of the pytorch lesson for a platform, as far as their names go."""
    (context / "Dockerfile").write_text("FROM scratch\nCOPY platform /platform\n")
    (context / "platform").write_text(platform + content)
    for image in IMAGES:
        name = f"{registry.name}/{platform}/{image}:{tag}"
        build = ["docker", "buildx", "build", "--quiet", "--platform", f"linux/{platform}"]
        subprocess.run([*build, f"--provenance={attest}", "--load", "--tag", name, context], check=True)
        subprocess.run(["docker", "push", "--quiet", name], check=True)
        subprocess.run(["docker", "image", "rm", name], check=True)


@pytest.fixture(scope="module")
def parts(tmp_path_factory, clone, attests):
    """A registry that has both images for each platform, with provenance where the engine keeps it."""
    context = tmp_path_factory.mktemp("context")
    with running(tmp_path_factory.mktemp("parts")) as registry:
        for platform in PLATFORMS:
            publish(registry, context, platform, clone.tag, "mode=max" if attests else "false")
        yield registry


@pytest.fixture
def whole(tmp_path):
    """The registry where the images of both platforms belong."""
    with running(tmp_path) as registry:
        yield registry


@pytest.fixture
def variables(parts, whole) -> dict[str, str]:
    names = " ".join(f"{parts.name}/{platform}" for platform in PLATFORMS)
    return {"PROJECT": "pytorch", "PARTS": names, "REGISTRY": f"{whole.name}/team"}


def of(index: dict, architecture: str) -> dict:
    """The manifest of a platform in an index."""
    return next(entry for entry in index["manifests"] if entry["platform"]["architecture"] == architecture)


def test_an_image_has_the_layers_of_both_platforms(variables, parts, whole, clone):
    answer = clone.make("publish-index", **variables)
    assert (answer.returncode, answer.stderr) == (0, "")
    for image, line in zip(IMAGES, answer.stdout.splitlines(), strict=True):
        name, digest = re.fullmatch(rf"{whole.name}/team/(\S+):{clone.tag}@(sha256:[0-9a-f]{{64}})", line).groups()
        assert name == image
        index = json.loads(whole.get(f"team/{image}/manifests/{digest}"))
        for platform in PLATFORMS:
            manifest = whole.get(f"team/{image}/manifests/{of(index, platform)['digest']}")
            published = json.loads(parts.get(f"{platform}/{image}/manifests/{clone.tag}"))
            assert published == json.loads(manifest) or of(published, platform) == of(index, platform)
            for blob in [json.loads(manifest)["config"], *json.loads(manifest)["layers"]]:
                assert whole.get(f"team/{image}/blobs/{blob['digest']}")


def test_what_is_attested_of_each_platform_comes_along(variables, whole, clone, attests):
    if not attests:
        pytest.skip("the engine's image store keeps no attestations")
    assert clone.make("publish-index", **variables).returncode == 0
    index = json.loads(whole.get(f"team/pytorch/manifests/{clone.tag}"))
    attested = [entry["annotations"] for entry in index["manifests"] if "annotations" in entry]
    assert {note["vnd.docker.reference.digest"] for note in attested} == {of(index, one)["digest"] for one in PLATFORMS}
    for entry in index["manifests"]:
        assert whole.get(f"team/pytorch/manifests/{entry['digest']}")


def test_another_content_under_the_tag_is_refused_and_not_signed(variables, parts, whole, clone, attests, tmp_path):
    assert clone.make("publish-index", **variables).returncode == 0
    before = whole.get(f"team/pytorch/manifests/{clone.tag}")
    with running(tmp_path / "others") as others:
        (tmp_path / "context").mkdir()
        for platform in PLATFORMS:
            publish(others, tmp_path / "context", platform, clone.tag, "false", "built again")
        names = " ".join(f"{others.name}/{platform}" for platform in PLATFORMS)
        answer = clone.make("publish-index", **variables | {"PARTS": names})
    assert (answer.returncode, answer.stdout) == (2, "")
    name = f"{whole.name}/team/pytorch:{clone.tag}"
    assert answer.stderr.startswith(f"make publish-index: published already with another content: {name}@sha256:")
    assert whole.get(f"team/pytorch/manifests/{clone.tag}") == before


def test_a_release_is_one_more_name_of_the_same_image(variables, whole, clone):
    assert clone.make("publish-index", **variables).returncode == 0
    first, second = (clone.make("promote", "NAME=v1.0", **variables) for _ in range(2))
    assert (first.returncode, first.stderr, second.returncode, second.stdout) == (0, "", 0, first.stdout)
    for image in IMAGES:
        assert whole.get(f"team/{image}/manifests/v1.0") == whole.get(f"team/{image}/manifests/{clone.tag}")


def test_a_release_that_names_something_else_stays(variables, parts, whole, clone):
    registry.create(f"{whole.name}/team/pytorch:v1.0", [f"{parts.name}/amd64/pytorch:{clone.tag}"])
    assert clone.make("publish-index", **variables).returncode == 0
    before = whole.get("team/pytorch/manifests/v1.0")
    line = clone.stopped("promote", "NAME=v1.0", **variables)
    refused = "v1.0 names other images already: pytorch; release tags are immutable: choose another name"
    assert line == f"make promote: {refused}"
    assert whole.get("team/pytorch/manifests/v1.0") == before
    assert whole.tags("team/pytorch-training") == [clone.tag]


def test_what_is_not_published_gets_no_other_name(variables, whole, clone):
    line = clone.stopped("promote", "NAME=v1.0", **variables)
    assert line.startswith(f"make promote: not published: {whole.name}/team/pytorch:{clone.tag}, ")
    assert line.endswith(f"; first: make publish, or wait until CI has published {clone.tag}")


@pytest.mark.parametrize("name", ["", "v 1", "-v1", "a/b"])
def test_a_release_is_called_as_a_tag_may_be(name, variables, clone):
    line = clone.stopped("promote", f"NAME={name}", **variables)
    assert line.startswith("make promote: NAME must be the name of a release ")


def test_the_second_time_changes_nothing_and_tells_the_same_digests(variables, clone):
    first, second = (clone.make("publish-index", **variables) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    assert second.stdout == first.stdout
    assert second.stderr.count("already published, unchanged: ") == len(IMAGES)


def test_a_platform_that_is_not_published_stops_before_anything_is_made(variables, parts, whole, clone):
    line = clone.stopped("publish-index", **variables | {"PARTS": f"{parts.name}/amd64 {parts.name}/riscv"})
    assert line == (
        f"make publish-index: {parts.name}/riscv has no pytorch:{clone.tag}; publish it there first: "
        f"make publish REGISTRY={parts.name}/riscv"
    )
    assert whole.tags("team/pytorch") == []


@pytest.mark.parametrize("value", ["", " ", "https://registry.example", "localhost:5000/A", "a;b"])
def test_parts_that_are_no_registries_are_one_line(value, variables, clone):
    line = clone.stopped("publish-index", **variables | {"PARTS": value})
    assert line.startswith("make publish-index: PARTS must name a registry for the images of each platform, not '")


def test_a_registry_that_does_not_answer_is_one_line(variables, whole, clone):
    whole.stop()
    assert "it does not answer; is it running?" in clone.stopped("publish-index", **variables)


def test_files_that_are_not_committed_are_refused(variables, clone):
    (clone.folder / "new").touch()
    try:
        assert "files have changed since the last commit" in clone.stopped("publish-index", **variables)
    finally:
        (clone.folder / "new").unlink()
