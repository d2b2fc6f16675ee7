"""What is published is read back by clients that share no code with `make publish`: skopeo, and plain HTTP."""

import ast
import hashlib
import json
import re
import subprocess
import tomllib

import pytest

from tools.images.registry import digest
from tools.registry_tests.conftest import IMAGES, LESSON


def skopeo(*words: str) -> str:
    command = ["skopeo", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def digests(said: str) -> dict[str, str]:
    """The digests that `make publish` prints, by image."""
    found = re.findall(
        r"^(?:published|already published, unchanged:) \S+?/(\S+?):\S+?@(sha256:\S+)", said, re.MULTILINE
    )
    return dict(found)


def manifests(registry, image: str, tag: str) -> tuple[dict, dict | None]:
    """The manifest of a published image and, where there is one, that of what is attested of it."""
    top = json.loads(registry.get(f"{image}/manifests/{tag}"))
    if "manifests" not in top:
        return top, None
    parts = {part.get("annotations", {}).get("vnd.docker.reference.type", "image"): part for part in top["manifests"]}
    read = {kind: json.loads(registry.get(f"{image}/manifests/{part['digest']}")) for kind, part in parts.items()}
    return read["image"], read["attestation-manifest"]


def attested(registry, image: str, tag: str, predicate: str) -> dict:
    """The in-toto statement of a published image whose predicate's type begins so."""
    _, manifest = manifests(registry, image, tag)
    statements = [json.loads(registry.get(f"{image}/blobs/{layer['digest']}")) for layer in manifest["layers"]]
    (statement,) = [found for found in statements if found["predicateType"].startswith(predicate)]
    return statement


@pytest.fixture
def need_attestations(attests) -> None:
    if not attests:
        pytest.skip("the engine's image store keeps no attestations")


def test_all_images_are_published_those_that_lessons_build_on_too(published, registry, checkout):
    assert sorted(digests(published)) == IMAGES
    assert {image: registry.tags(image) for image in IMAGES} == {image: [checkout.tag] for image in IMAGES}


@pytest.mark.parametrize("image", IMAGES)
def test_the_digest_that_is_told_is_that_of_the_registry(image, published, registry, checkout):
    raw = skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{registry.name}/{image}:{checkout.tag}")
    assert digests(published)[image] == f"sha256:{hashlib.sha256(raw.encode()).hexdigest()}"


def test_the_bits_are_those_that_were_tested(published, registry, checkout):
    reference = f"{registry.name}/{LESSON}:{checkout.tag}"
    local = json.loads(subprocess.run(["docker", "image", "inspect", reference], capture_output=True).stdout)[0]
    config = json.loads(skopeo("inspect", "--config", "--tls-verify=false", f"docker://{reference}"))
    assert config["rootfs"]["diff_ids"] == local["RootFS"]["Layers"]
    assert config["config"]["User"] == "1000"
    assert config["config"]["Env"] == local["Config"]["Env"]


def test_a_client_can_take_the_whole_image(published, registry, checkout, tmp_path):
    # skopeo checks the digest of everything that it copies.
    skopeo("copy", "--src-tls-verify=false", f"docker://{registry.name}/{LESSON}:{checkout.tag}", f"dir:{tmp_path}")
    assert (tmp_path / "manifest.json").exists()


def test_labels_say_where_it_comes_from(published, registry, checkout):
    found = json.loads(
        skopeo("inspect", "--config", "--tls-verify=false", f"docker://{registry.name}/{LESSON}:{checkout.tag}")
    )["config"]["Labels"]
    facts = checkout.folder / "projects" / LESSON / "lesson.toml"
    prefix = "org.opencontainers.image."
    # test_base_image.py has those of the base image, which depend on where this machine got it from.
    assert {name: value for name, value in found.items() if not name.startswith(prefix + "base.")} == {
        prefix + "title": LESSON,
        prefix + "description": tomllib.loads(facts.read_text())["title"],
        prefix + "source": "https://git.example/team/lessons",
        prefix + "revision": checkout.git("rev-parse", "HEAD"),
        prefix + "created": checkout.git("log", "-1", "--format=%cI"),
        prefix + "licenses": "Apache-2.0",
    }


def test_images_share_the_layers_of_what_they_build_on(published, registry, checkout):
    layers = {
        image: [layer["digest"] for layer in manifests(registry, image, checkout.tag)[0]["layers"]] for image in IMAGES
    }
    assert layers[LESSON][: len(layers["base"])] == layers["base"]


@pytest.mark.usefixtures("need_attestations", "published")
def test_the_sbom_holds_every_package_of_the_image(registry, checkout):
    code = "from importlib.metadata import distributions as d; print([[p.metadata['Name'], p.version] for p in d()])"
    command = ["docker", "run", "--rm", f"{registry.name}/{LESSON}:{checkout.tag}", "python", "-c", code]
    installed = ast.literal_eval(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert len(installed) > 50
    statement = attested(registry, LESSON, checkout.tag, "https://spdx.dev/Document")
    found = {(package["name"].lower(), package.get("versionInfo")) for package in statement["predicate"]["packages"]}
    assert {(name.lower(), version) for name, version in installed} <= found


@pytest.mark.usefixtures("need_attestations", "published")
def test_the_provenance_says_what_it_was_made_from(registry, checkout):
    statement = attested(registry, LESSON, checkout.tag, "https://slsa.dev/provenance/")
    index = json.loads(registry.get(f"{LESSON}/manifests/{checkout.tag}"))
    (image,) = [part["digest"] for part in index["manifests"] if part["platform"]["os"] == "linux"]
    assert {f"sha256:{subject['digest']['sha256']}" for subject in statement["subject"]} == {image}
    told = json.dumps(statement["predicate"])
    assert checkout.git("rev-parse", "HEAD") in told
    assert f"{LESSON}" in told
    assert "secret-word" not in told


@pytest.mark.usefixtures("need_attestations")
def test_it_is_said_that_an_image_has_them(published):
    lines = [line for line in published.splitlines() if line.startswith("published ")]
    assert all(line.endswith(" with SBOM and provenance") for line in lines)


def test_publishing_again_changes_nothing(published, registry, checkout, attests):
    # Built again meanwhile: its provenance has other times, the image is the same.
    made = checkout.make("build", f"PROJECT={LESSON}", REGISTRY=registry.name, ATTEST="1" if attests else "")
    assert made.returncode == 0, made.stderr
    before = sorted((file, file.stat().st_mtime_ns) for file in registry.storage.rglob("link"))
    again = checkout.make("publish", REGISTRY=registry.name)
    assert (again.returncode, again.stderr) == (0, "")
    assert all(line.startswith("already published, unchanged: ") for line in again.stdout.splitlines())
    assert digests(again.stdout) == digests(published)
    assert sorted((file, file.stat().st_mtime_ns) for file in registry.storage.rglob("link")) == before


def test_with_a_project_its_images_alone_are_published(checkout, other):
    registry = other()
    answer = checkout.make("publish", f"PROJECT={LESSON}", REGISTRY=registry.name)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert [image for image in IMAGES if registry.tags(image)] == [LESSON]


def test_another_content_under_the_tag_is_refused_and_stays(published, registry, checkout, other):
    taken = other()
    name = f"{taken.name}/{LESSON}:{checkout.tag}"
    skopeo(
        *("copy", "--all", "--src-tls-verify=false", "--dest-tls-verify=false"),
        *(f"docker://{registry.name}/base:{checkout.tag}", f"docker://{name}"),
    )
    before = taken.get(f"{LESSON}/manifests/{checkout.tag}")
    line = checkout.stopped("publish", f"PROJECT={LESSON}", REGISTRY=taken.name)
    digest = f"sha256:{hashlib.sha256(before).hexdigest()}"
    assert line.startswith(f"make publish: published already with another content: {name}@{digest}; revision tags ")
    assert taken.get(f"{LESSON}/manifests/{checkout.tag}") == before


def test_what_is_not_built_is_refused(checkout):
    line = checkout.stopped("publish", REGISTRY="registry.example/team")
    assert line.startswith("make publish: not built: registry.example/team/")
    assert line.endswith("; first: make test-image")


def test_what_is_not_tested_is_refused(checkout, other, tmp_path):
    registry = other()
    name = f"{registry.name}/{LESSON}:{checkout.tag}"
    (tmp_path / "Dockerfile").write_text(f"FROM {name}\nENV ANOTHER=1\n")
    # dockerd's own builder, whatever the registry's state: the image is here.
    subprocess.run(["docker", "build", "--quiet", "--load", "--tag", name, tmp_path], check=True, capture_output=True)
    line = checkout.stopped("publish", f"PROJECT={LESSON}", REGISTRY=registry.name)
    assert line == (f"make publish: not tested in its present state: {name}; first: make test-image PROJECT={LESSON}")
    assert registry.tags(LESSON) == []


def test_a_changed_tree_is_refused_unless_asked_for(checkout, other):
    registry = other()
    file = checkout.folder / "note.txt"
    file.write_text("not committed\n")
    try:
        line = checkout.stopped("publish", f"PROJECT={LESSON}", REGISTRY=registry.name)
        assert re.search(r"files have changed since the last commit.*DIRTY=1$", line)
        assert registry.tags(LESSON) == []
        words = {"REGISTRY": registry.name, "DIRTY": "1"}
        assert checkout.make("build", f"PROJECT={LESSON}", **words).returncode == 0
        first = checkout.make("publish", f"PROJECT={LESSON}", **words)
        assert (first.returncode, first.stderr) == (0, "")
        assert registry.tags(LESSON) == [f"{checkout.tag}-dirty"]
        # A tag of no revision is replaced by the next one.
        (checkout.folder / "projects" / LESSON / f"{LESSON}_lesson" / "note.py").write_text("")
        assert checkout.make("build", f"PROJECT={LESSON}", **words).returncode == 0
        second = checkout.make("publish", f"PROJECT={LESSON}", **words)
        assert second.returncode == 0
        assert digests(second.stdout) != digests(first.stdout)
    finally:
        checkout.git("clean", "--quiet", "--force")


def test_the_tools_find_the_digest(published, registry, checkout):
    assert digest(f"{registry.name}/{LESSON}:{checkout.tag}") == digests(published)[LESSON]
    assert digest(f"{registry.name}/{LESSON}:no-such-tag") == ""
