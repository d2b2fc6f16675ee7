"""What users of pip and uv set for their own projects does not keep an environment from being made."""

import hashlib

import pytest

from tools.core.paths import ROOT
from tools.core.variables import UV_HABITS
from tools.environments import environment as module
from tools.environments.environment import Environment

FOLDERS = ("UV_PROJECT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY")


@pytest.fixture
def tiny(wheels, tmp_path, monkeypatch) -> Environment:
    """An environment of one package from a folder of wheels, not made yet."""
    (wheel,) = wheels.iterdir()
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"tiny==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "FOLDER", tmp_path / "environments")
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    return Environment("tiny", lock, (ROOT / "shared",))


def assert_made(environment: Environment) -> None:
    environment.make()
    assert (environment.site_packages / "tiny.py").exists()
    assert list(environment.site_packages.glob("workshop*.pth"))


@pytest.mark.parametrize("name", UV_HABITS)
def test_a_habit_is_not_in_the_way(name, tiny, monkeypatch, tmp_path):
    file = tmp_path / "constraint.txt"
    file.write_text("tiny==2.0\n")
    value = str(file) if name == "UV_CONSTRAINT" else str(tmp_path / "nowhere") if name in FOLDERS else "1"
    monkeypatch.setenv(name, value)
    assert_made(tiny)


@pytest.mark.parametrize("value", ["0", "false", ""])
def test_an_index_that_is_not_switched_off_is_used(value, tiny, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", value)
    assert_made(tiny)
