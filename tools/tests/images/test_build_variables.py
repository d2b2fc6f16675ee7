"""A variable with a wrong value ends in one line before anything is built; uv's settings apply to the builds too."""

import pytest

from tools.images import build_variables


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REGISTRY", "ghcr.io/you"),
        ("REGISTRY", "localhost:30000"),
        ("REGISTRY", "registry.example:5000/team/a_b/c--d"),
        ("BASE_IMAGE", "python:3.11-slim-bookworm"),
        ("BASE_IMAGE", "mirror.example:5000/library/python@sha256:" + "0" * 64),
        ("PLATFORMS", "linux/amd64,linux/arm64"),
        ("WHEELS", "images/wheels"),
        ("JARS", "images/spark/jars"),
        ("UV_TOML", "pyproject.toml"),
        ("TORCH", "cuda"),
        ("SBOM_GENERATOR", "docker/buildkit-syft-scanner:stable-1"),
        ("INDEX", "https://user:word@packages.example/simple"),
        ("CERTIFICATES", ""),
    ],
)
def test_a_right_value_is_taken(name, value, monkeypatch):
    monkeypatch.setenv(name, value)
    build_variables.check({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REGISTRY", "https://ghcr.io/you"),
        ("REGISTRY", "ghcr.io/You"),
        ("REGISTRY", "ghcr.io/you/"),
        ("REGISTRY", "ghcr.io/you and me"),
        ("BASE_IMAGE", "python 3.11"),
        ("BASE_IMAGE", "python@sha256:0"),
        ("PLATFORMS", "linux/amd64, linux/arm64"),
        ("PLATFORMS", "windows/amd64"),
        ("WHEELS", "no/such/folder"),
        ("JARS", "README.md"),
        ("UV_TOML", "no/such/file"),
        ("CERTIFICATES", "no/such/file"),
        ("CERTIFICATES", "README.md"),
        ("SBOM_GENERATOR", "a:b:c"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_it(name, value, stopped):
    assert stopped(build_variables.check, {name: value}).startswith(f"{name} is {value!r}; it names ")


def test_a_wrong_address_of_an_index_is_told_and_never_shown(stopped):
    line = stopped(build_variables.check, {"INDEX": "user:secret-word@packages.example"})
    assert line.startswith("INDEX must be the address of a package index")
    assert "secret-word" not in line


@pytest.mark.parametrize("words", [("build", "PROJECT=flyte-basics"), ("build-all",), ("test-image",)])
def test_make_stops_before_any_work(words, make_stops):
    line = make_stops(*words, PLATFORMS="windows/amd64")
    assert line.startswith(f"make {words[0]}: PLATFORMS is 'windows/amd64'; it names one or both of ")


def test_the_builds_get_the_folder_of_wheels_that_uv_is_told_about(monkeypatch, tmp_path):
    monkeypatch.setenv("UV_FIND_LINKS", f"https://wheels.example/simple,{tmp_path}")
    assert build_variables.of_builds()["WHEELS"] == str(tmp_path)


def test_an_address_of_wheels_is_no_folder_for_the_builds(monkeypatch):
    monkeypatch.setenv("UV_FIND_LINKS", "https://wheels.example/simple")
    assert "WHEELS" not in build_variables.of_builds()


def test_the_builds_get_the_index_and_the_certificates_that_pip_is_told_about(monkeypatch, tmp_path):
    file = tmp_path / "bundle.pem"
    file.write_text("-----BEGIN CERTIFICATE-----\n")
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CERT", str(file))
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    given = build_variables.of_builds()
    assert (given["CERTIFICATES"], given["INDEX"]) == (str(file), "https://packages.example/simple")


def test_a_value_by_the_builds_own_name_counts_first(monkeypatch, tmp_path):
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("WHEELS", "images/wheels")
    assert build_variables.of_builds()["WHEELS"] == "images/wheels"


def test_an_empty_value_is_none(monkeypatch):
    monkeypatch.setenv("BASE_IMAGE", "")
    assert "BASE_IMAGE" not in build_variables.of_builds()
