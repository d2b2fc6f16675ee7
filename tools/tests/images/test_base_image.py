"""The base image by its digest; tools/registry_tests/test_base_image.py has the same with an engine and a registry."""

import pytest

from tools.images import base_image

DIGEST = "sha256:" + "1" * 64

QUALIFIED = {
    "python:3.11": "docker.io/library/python:3.11",
    "team/python:3.11": "docker.io/team/python:3.11",
    "ghcr.io/python:3.11": "ghcr.io/python:3.11",
    "localhost/python": "localhost/python",
    "registry:5000/team/python:3.11": "registry:5000/team/python:3.11",
    f"python@{DIGEST}": f"docker.io/library/python@{DIGEST}",
}


@pytest.mark.parametrize(("reference", "expected"), QUALIFIED.items(), ids=QUALIFIED)
def test_a_reference_with_its_registry(reference, expected):
    assert base_image.qualified(reference) == expected


@pytest.mark.parametrize("rest", ["", ":3.11", f"@{DIGEST}", f":3.11@{DIGEST}"])
@pytest.mark.parametrize("name", ["docker.io/library/python", "registry:5000/team/python"])
def test_a_repository_has_neither_tag_nor_digest(name, rest):
    assert base_image.repository(name + rest) == name


def test_an_image_that_is_named_by_its_digest_needs_no_engine(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert base_image.pinned(f"python:3.11@{DIGEST}") == f"docker.io/library/python:3.11@{DIGEST}"
