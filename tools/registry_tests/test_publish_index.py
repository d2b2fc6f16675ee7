"""Images of two platforms, each published to a place of its own, become one: the same layers, in another registry."""

import json
import re
import subprocess

import pytest

from tools.registry_tests.conftest import ROOT, Checkout, running

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


@pytest.fixture(scope="module")
def parts(tmp_path_factory, clone):
    """A registry that has both images of the pytorch lesson for each platform, as far as their names go."""
    context = tmp_path_factory.mktemp("context")
    with running(tmp_path_factory.mktemp("parts")) as registry:
        for platform in PLATFORMS:
            (context / "Dockerfile").write_text("FROM scratch\nCOPY platform /platform\n")
            (context / "platform").write_text(platform)
            for image in IMAGES:
                name = f"{registry.name}/{platform}/{image}:{clone.tag}"
                build = ["docker", "buildx", "build", "--quiet", "--platform", f"linux/{platform}"]
                subprocess.run([*build, "--provenance=false", "--load", "--tag", name, context], check=True)
                subprocess.run(["docker", "push", "--quiet", name], check=True)
                subprocess.run(["docker", "image", "rm", name], check=True)
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


def test_an_image_has_the_layers_of_both_platforms(variables, parts, whole, clone):
    answer = clone.make("publish-index", **variables)
    assert (answer.returncode, answer.stderr) == (0, "")
    for image, line in zip(IMAGES, answer.stdout.splitlines(), strict=True):
        name, digest = re.fullmatch(rf"{whole.name}/team/(\S+):{clone.tag}@(sha256:[0-9a-f]{{64}})", line).groups()
        assert name == image
        index = json.loads(whole.get(f"team/{image}/manifests/{digest}"))
        assert [entry["platform"]["architecture"] for entry in index["manifests"]] == PLATFORMS
        for entry, platform in zip(index["manifests"], PLATFORMS, strict=True):
            manifest = whole.get(f"team/{image}/manifests/{entry['digest']}")
            assert manifest == parts.get(f"{platform}/{image}/manifests/{clone.tag}")
            for blob in [json.loads(manifest)["config"], *json.loads(manifest)["layers"]]:
                assert whole.get(f"team/{image}/blobs/{blob['digest']}")


def test_the_second_time_changes_nothing_and_tells_the_same_digests(variables, clone):
    first, second = (clone.make("publish-index", **variables) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    assert second.stdout == first.stdout
    assert second.stderr.count("already published, left as it is: ") == len(IMAGES)


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
    assert re.fullmatch(r"make publish-index: PARTS is '.*'; it names the registries of the images of each .*", line)


def test_a_registry_that_does_not_answer_is_one_line(variables, whole, clone):
    whole.stop()
    assert "it does not answer; is it running?" in clone.stopped("publish-index", **variables)


def test_files_that_are_not_committed_are_refused(variables, clone):
    (clone.folder / "new").touch()
    try:
        assert "files have changed since the last commit" in clone.stopped("publish-index", **variables)
    finally:
        (clone.folder / "new").unlink()
