"""What a registry's or docker's words mean, and what is the same in two images; registry_tests/ has real registries."""

import re

import pytest

from tools.images import fingerprint, naming, registry, selection
from tools.tiers import publishing

REFERENCE = "registry.example:5000/team/flyte-basics:0123456789ab"
CONFIG = {"User": "1000", "Env": ["A=1"], "Labels": {"a": "b", "c": "d"}, "WorkingDir": "/app"}


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ('Head "https://x/v2/": dial tcp 127.0.0.1:5: connect: connection refused', "it does not answer"),
        ('Put "https://x/v2/uploads/1?_state=500401EOF403": EOF', "it does not answer"),
        ("dial tcp: lookup registry.example: no such host", "it does not answer"),
        ("authorization failed: no basic auth credentials", "it does not let you in; log in: docker login"),
        ("unexpected status from POST request to https://x/v2/: 403 Forbidden", "it does not let you in"),
        ("denied: requested access to the resource is denied", "it does not let you in"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "it speaks TLS with"),
        ("http: server gave HTTP response to HTTPS client", "it speaks plain HTTP"),
        (
            "unexpected status from PUT request to https://x/?_state=401: 500 Internal Server Error",
            "it failed; its disk",
        ),
    ],
)
def test_what_docker_says_of_a_registry_is_one_line_with_the_next_step(words, meaning):
    line = registry.reason(REFERENCE, f"some progress\nERROR: {words}\n")
    assert line.startswith(f"registry registry.example:5000: {meaning}")
    assert "\n" not in line
    assert "_state" not in line


def test_unknown_words_are_told_as_they_are():
    assert registry.reason(REFERENCE, "ERROR: teapot\n") == "docker: teapot"
    assert registry.reason(REFERENCE, "") == "docker: no word of why"


def test_the_same_image_in_the_engine_and_in_a_registry_has_one_content():
    image = {"created": "today", "config": CONFIG, "rootfs": {"diff_ids": ["sha256:1", "sha256:2"]}}
    # As the engine tells it: with fields that are empty, and more of them.
    here = fingerprint.content(CONFIG | {"Cmd": None, "Entrypoint": None, "Tty": False}, ["sha256:1", "sha256:2"])
    assert fingerprint.published(image) == here


def test_an_image_of_several_platforms_is_compared_by_this_machines(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    image = {"config": CONFIG, "rootfs": {"diff_ids": ["sha256:1"]}}
    other = {"config": CONFIG, "rootfs": {"diff_ids": ["sha256:2"]}}
    assert fingerprint.published({"linux/amd64": other, "linux/arm64": image}) == fingerprint.published(image)
    assert fingerprint.published({"linux/amd64": other}) == ""


@pytest.mark.parametrize("change", [{"User": "0"}, {"Env": ["A=2"]}, {"Labels": {}}, {"Cmd": ["sh"]}])
def test_whatever_starts_differently_has_another_content(change):
    assert fingerprint.content(CONFIG | change, ["sha256:1"]) != fingerprint.content(CONFIG, ["sha256:1"])
    assert fingerprint.content(CONFIG, ["sha256:1"]) != fingerprint.content(CONFIG, ["sha256:2"])


def test_only_what_was_tested_is_taken_for_tested(monkeypatch, tmp_path):
    monkeypatch.setattr(fingerprint, "TESTED", tmp_path / "tested")
    fingerprint.remember_tested(["1" * 64])
    assert fingerprint.is_tested("1" * 64)
    assert not fingerprint.is_tested("2" * 64)
    assert not fingerprint.is_tested("")


@pytest.mark.parametrize("tag", ["0123456789ab-dirty", "0123456789ab-dirty-cuda", "unversioned"])
def test_files_without_a_revision_are_published_only_when_asked_for(tag, monkeypatch, stopped):
    monkeypatch.setattr(selection, "tag", lambda: tag)
    monkeypatch.delenv("DIRTY", raising=False)
    assert re.search(rf"under the tag {tag}, .*: DIRTY=1$", stopped(selection.is_revision))
    monkeypatch.setenv("DIRTY", "1")
    assert selection.is_revision() is False


def test_a_clean_tree_has_a_revision(monkeypatch):
    monkeypatch.setattr(selection, "tag", lambda: "0123456789ab-cuda")
    assert selection.is_revision() is True


def test_the_tests_of_publishing_need_a_registry(monkeypatch, stopped):
    monkeypatch.setattr(publishing, "need_docker", lambda: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert stopped(publishing.test_publish).startswith("docker-registry is not on PATH; install it (")


def test_an_image_has_a_reference_of_its_own(monkeypatch):
    monkeypatch.setattr(naming, "REGISTRY", "registry.example")
    assert naming.reference("base") == f"registry.example/base:{naming.tag()}"
