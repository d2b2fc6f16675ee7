"""What docker lacks is reported before any work."""

import shutil

import pytest

from tools.core.errors import Stop
from tools.core.paths import ROOT
from tools.images import bake, engine

needs_docker = pytest.mark.skipif(not shutil.which("docker"), reason="docker is not on this machine")


def test_no_docker_is_told_with_where_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engine.docker_problem().startswith("docker is not on PATH; install ")


@needs_docker
def test_a_daemon_that_does_not_answer_is_told_with_how_to_start_it(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    assert engine.docker_problem().startswith("Docker's daemon does not answer; start it (")


def test_too_little_disk_is_told_before_a_build(monkeypatch, stopped):
    monkeypatch.setattr(bake, "BUILD_DISK_MB", 10**12)
    assert stopped(bake.bake, ["base"]).startswith(f"{10**12} MB of disk are needed at {ROOT}, ")


@needs_docker
@pytest.mark.parametrize("words", [("build", "PROJECT=flyte-basics"), ("build-all",), ("test-image",)])
def test_a_build_without_daemon_stops_in_one_line(words, make_stops):
    line = make_stops(*words, DOCKER_HOST="unix:///nonexistent.sock")
    assert line.startswith(f"make {words[0]}: Docker's daemon does not answer; start it (")


@needs_docker
def test_attestations_in_an_engine_that_loses_them_are_told(monkeypatch, stopped):
    monkeypatch.setattr(bake, "keeps_attestations", lambda: False)
    monkeypatch.setenv("ATTEST", "1")
    assert stopped(bake.bake, ["base"]).startswith("ATTEST=1 needs an engine with containerd's image store, ")


@needs_docker
def test_the_plan_is_what_bake_would_build():
    assert {"flyte-basics", "base", "sklearn"} <= bake.bake_plan(["flyte-basics"]).keys()
    with pytest.raises(Stop, match="no-such-target"):
        bake.bake_plan(["no-such-target"])
