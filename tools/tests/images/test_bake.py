"""What `docker buildx bake` builds: a stored file shows every change of tags, platforms and contexts in review.

The file has the default values, one lesson and its base images. The tests below hold what the file cannot show: other
values of the variables, and what the lesson.toml files of all lessons ask for.
"""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from repositories import needs_buildx

from tools.core import git
from tools.core.paths import ROOT
from tools.images import bake, naming
from tools.lessons import catalog
from tools.lessons.bases import BASES
from tools.upkeep import derived

GOLDEN = Path(__file__).with_name("bake.golden.json")
# Every variable that bake is given; none of the caller's own reaches it.
FACTS = {
    "REGISTRY": "registry.example/team",
    "TAG": "0123456789ab",
    "REVISION": "0123456789abcdef0123456789abcdef01234567",
    "CREATED": "2026-01-02T03:04:05+00:00",
    "SOURCE": "https://git.example/team/lessons",
    "PLATFORMS": "linux/amd64,linux/arm64",
}
# Only one lesson is stored, with the base images that it draws in: a new lesson changes no stored file.
STORED = ("docker", "buildx", "bake", "--print", "flyte-basics")
RENEW = (
    f"{GOLDEN.name} is not what bake builds now. If that is meant, renew it from the repository's root:\n"
    f'env -i PATH="$PATH" HOME="$HOME" {shlex.join(f"{name}={value}" for name, value in FACTS.items())} '
    f"{shlex.join(STORED)} >{GOLDEN.relative_to(ROOT)}"
)


pytestmark = needs_buildx


def printed(*targets: str, **variables: str) -> dict:
    """What bake would build, with FACTS and `variables` and nothing else of the environment."""
    own = {name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_CONFIG") if name in os.environ}
    command = ["docker", "buildx", "bake", "--print", *targets]
    answer = subprocess.run(command, cwd=ROOT, env=own | FACTS | variables, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def comparable(plan: dict) -> dict:
    """The plan without where results go: newer buildx adds that what others are made from stays in the cache."""
    targets = {name: target | {"output": None} for name, target in plan["target"].items()}
    return {"group": plan["group"], "target": targets}


def test_bake_builds_what_is_stored():
    assert comparable(printed("flyte-basics")) == comparable(json.loads(GOLDEN.read_text())), RENEW


@pytest.mark.parametrize(("named", "platforms"), [("", None), ("linux/arm64", ["linux/arm64"])])
def test_an_image_for_one_platform_goes_to_the_engine(named, platforms):
    target = printed("flyte-basics", PLATFORMS=named)["target"]["flyte-basics"]
    assert target["output"] in (["type=docker"], [{"type": "docker"}])
    assert target.get("platforms") == platforms


def test_images_for_several_platforms_stay_in_the_builder():
    assert "output" not in printed("flyte-basics")["target"]["flyte-basics"]


def test_all_is_every_image_of_every_lesson_and_what_they_build_on():
    images = {
        project.image_name(name): image for project in catalog.every() for name, image in project.lesson.images.items()
    }
    environments = {f"_environment_{name}" for name, image in images.items() if image.lock}
    plan = printed()
    assert sorted(plan["group"]["lesson"]["targets"]) == sorted(images)
    assert plan["target"].keys() == {*BASES, "uv", "wheels", *images, *environments}


def test_the_images_of_one_lesson_have_names_of_their_own():
    targets = printed("pytorch", "pytorch-training")["target"]
    for name in ("pytorch", "pytorch-training"):
        reference = f"registry.example/team/{name}:0123456789ab"
        assert (targets[name]["tags"], targets[name]["args"]["IMAGE"]) == ([reference], reference)
        assert targets[name]["labels"]["org.opencontainers.image.title"] == name


def test_an_image_is_a_stage_of_its_dockerfile():
    for target in printed()["target"].values():
        if "target" in target:
            dockerfile = (ROOT / target["context"] / target["dockerfile"]).read_text()
            assert re.search(rf"^FROM \S+ AS {target['target']}$", dockerfile, re.MULTILINE), target["context"]


def test_the_cuda_build_is_another_lock_where_the_lesson_has_one():
    targets = printed("pytorch", "pytorch-training", TORCH="cuda")["target"]
    locks = {name: targets[f"_environment_{name}"]["args"]["LOCK"] for name in ("pytorch", "pytorch-training")}
    assert locks == {"pytorch": "requirements-data.txt", "pytorch-training": "requirements-cuda.txt"}


def test_another_base_image_can_stand_in():
    targets = printed(BASE_IMAGE="python-standin:3.11-bookworm")["target"]
    assert targets["base"]["args"] == targets["uv"]["args"] == {"BASE_IMAGE": "python-standin:3.11-bookworm"}


def test_an_image_says_which_digest_of_its_base_it_is_built_on():
    digest = "sha256:" + "1" * 64
    targets = printed(BASE_IMAGE=f"docker.io/library/python:3.11@{digest}")["target"]
    assert targets["base"]["args"]["BASE_IMAGE"].endswith(digest)
    for name in ("base", "sklearn", "flyte-basics", "containerization-checksum"):
        labels = targets[name]["labels"]
        told = [labels[f"org.opencontainers.image.base.{what}"] for what in ("name", "digest")]
        assert told == ["docker.io/library/python:3.11", digest]


@pytest.mark.parametrize("target", ["uv", "_environment_flyte-basics"])
def test_index_and_certificates_are_secrets_of_the_build(target, tmp_path):
    for name in ("uv.toml", "bundle.pem"):
        (tmp_path / name).touch()
    variables = {"UV_TOML": str(tmp_path / "uv.toml"), "CERTIFICATES": str(tmp_path / "bundle.pem")}
    found = printed("flyte-basics", **variables, INDEX="https://user:secret-word@packages.example/simple")
    assert "secret-word" not in json.dumps(found)
    secrets = json.dumps(found["target"][target].pop("secret"))
    assert all(word in secrets for word in (str(tmp_path / "uv.toml"), str(tmp_path / "bundle.pem"), "INDEX"))
    assert str(tmp_path) not in json.dumps(found["target"][target])


def test_attestations_are_made_where_they_are_asked_for():
    variables = {"ATTEST": "1", "SBOM_GENERATOR": "scanner:1"}
    targets = printed("flyte-basics", "base", **variables)["target"]
    for name in ("flyte-basics", "base"):
        told = json.dumps(targets[name]["attest"])
        assert all(word in told for word in ("provenance", "max", "sbom", "scanner:1"))
    assert "attest" not in targets["uv"]
    assert "attest" not in printed("flyte-basics")["target"]["flyte-basics"]


def test_a_wheel_folder_is_sent_to_the_builder_once():
    targets = printed(WHEELS="/elsewhere")["target"]
    assert [name for name, target in targets.items() if "/elsewhere" in json.dumps(target)] == ["wheels"]
    assert targets["_environment_flyte-basics"]["contexts"]["wheels"] == "target:wheels"


def test_a_title_is_only_text(projects, tmp_path):
    title = "Costs ${5} and %{if}"
    toml = projects / "flyte-basics" / "lesson.toml"
    toml.write_text(re.sub("(?m)^title = .*", f'title = "{title}"', toml.read_text()))
    (tmp_path / "bake.json").write_text(derived.bake(""))
    files = ("--file", "docker-bake.hcl", "--file", str(tmp_path / "bake.json"))
    labels = printed(*files, "flyte-basics")["target"]["flyte-basics"]["labels"]
    assert labels["org.opencontainers.image.description"] == title


def test_the_make_targets_hand_bake_the_facts_of_this_tree(monkeypatch):
    monkeypatch.setenv("TAG", "of-the-caller")
    target = bake.bake_plan(["flyte-basics"])["flyte-basics"]
    assert target["tags"] == [naming.references(catalog.find("flyte-basics"))["default"]]
    assert target["labels"]["org.opencontainers.image.revision"] == git.answer("rev-parse", "HEAD")
