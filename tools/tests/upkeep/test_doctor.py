"""`make doctor` shows what each tier lacks, with the next step; only the local tier is needed."""

import re

import pytest

from tools.core.requirement import Check, enough
from tools.environments.environment import PYTHON_VERSION
from tools.lessons import catalog
from tools.upkeep import doctor


def test_it_shows_every_tier_and_every_environment(make):
    answer = make("doctor")
    # Whether this machine is fine is its own affair; the status agrees with the table.
    lacking = re.findall(r"^local .*(?<! fine)$", answer.stdout, re.MULTILINE)
    assert answer.returncode == (2 if lacking else 0), answer.stderr
    for what in ("make's Python", f"Python {PYTHON_VERSION}", "git", "disk", "memory", "Docker with buildx"):
        assert re.search(rf"^(local|image) +{what} ", answer.stdout, re.MULTILINE), what
    assert re.search(r"^cluster +flytectl ", answer.stdout, re.MULTILINE)
    for name in [*(project.name for project in catalog.every()), "runner", "dev tools"]:
        assert re.search(rf"^local +environment of {name} ", answer.stdout, re.MULTILINE), name


def test_without_docker_the_next_step_is_told_and_the_local_tier_is_fine(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(doctor, "local_checks", lambda: [])
    assert doctor.doctor() == 0
    assert re.search(
        r"^image +Docker with buildx +missing +docker is not on PATH; install ", capsys.readouterr().out, re.M
    )


@pytest.mark.parametrize(("function", "row"), [("free_mb", "disk for all lessons"), ("memory_mb", "memory")])
def test_what_the_local_tier_lacks_is_told_and_status_one(function, row, monkeypatch, capsys):
    monkeypatch.setattr(doctor, function, lambda: 7)
    monkeypatch.setattr(doctor, "image_checks", lambda: [])
    assert doctor.doctor() == 1
    line = next(line for line in capsys.readouterr().out.splitlines() if re.match(f"local +{row} ", line))
    assert re.search(r" 7 MB, \d+ MB needed +\S", line)
    assert not line.endswith("fine")


def test_enough_is_fine():
    assert enough("local", "disk", 2, 2, "free some") == Check("local", "disk", "2 MB, 2 MB needed")


def test_a_python_that_uv_would_download_is_said_to_be(monkeypatch):
    monkeypatch.setattr(doctor, "PYTHON_VERSION", "3.99")
    assert "uv downloads it" in doctor.python_check().found
