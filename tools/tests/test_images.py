"""What docker lacks is told before any work; uv's folder of wheels reaches the builds."""

import shutil

import pytest

from tools import images
from tools.paths import ROOT

needs_docker = pytest.mark.skipif(not shutil.which("docker"), reason="docker is not on this machine")


def test_no_docker_is_told_with_where_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert images.docker_problem().startswith("docker is not on PATH; install ")


@needs_docker
def test_a_daemon_that_does_not_answer_is_told_with_how_to_start_it(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    assert images.docker_problem().startswith("Docker's daemon does not answer; start it (")


def test_too_little_disk_is_told_before_a_build(monkeypatch, stopped):
    monkeypatch.setattr(images, "docker_problem", lambda: "")
    monkeypatch.setattr(images, "BUILD_DISK_MB", 10**12)
    assert stopped(images.need_docker).startswith(f"{10**12} MB of disk are needed at {ROOT}, ")


@needs_docker
@pytest.mark.parametrize("words", [("build", "PROJECT=flyte-basics"), ("build-all",), ("test-image",)])
def test_a_build_without_daemon_stops_in_one_line(words, make):
    answer = make(*words, DOCKER_HOST="unix:///nonexistent.sock")
    line, of_make = answer.stderr.splitlines()
    assert answer.returncode == 2
    assert line.startswith(f"make {words[0]}: Docker's daemon does not answer; start it (")
    assert of_make.startswith("make: ***")
    assert answer.stdout == ""


def test_the_builds_get_the_folder_of_wheels_that_uv_is_told_about(monkeypatch, tmp_path):
    monkeypatch.setenv("UV_FIND_LINKS", f"https://wheels.example/simple,{tmp_path}")
    assert images.wheels() == {"WHEELS": str(tmp_path)}


def test_an_address_of_wheels_is_no_folder_for_the_builds(monkeypatch):
    monkeypatch.setenv("UV_FIND_LINKS", "https://wheels.example/simple")
    assert images.wheels() == {}
