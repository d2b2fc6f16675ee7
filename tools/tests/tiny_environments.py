"""An environment that is made within a second, for tests."""

import re
import subprocess

import pytest

from tools.core import exclusive
from tools.core.paths import ROOT
from tools.environments import environment as module
from tools.environments.environment import Environment, content

# A lock with the smallest of the repository's packages.
LOCK = re.search(r"^packaging==.*", (ROOT / "tools" / "requirements.txt").read_text(), re.MULTILINE | re.DOTALL)[0]


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """An environment of the smallest of the repository's locks."""
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(exclusive, "STATE", tmp_path)
    monkeypatch.setattr(module, "FOLDER", tmp_path / "environments")
    lock = tmp_path / "requirements.txt"
    lock.write_text(LOCK)
    content.cache_clear()
    yield Environment("tiny", lock)
    content.cache_clear()
    for file in module.in_use:
        file.close()
    module.in_use.clear()


def changed(environment: Environment, text: str) -> Environment:
    """The environment in the next call of make, after its lock has got this content."""
    environment.lock.write_text(text)
    content.cache_clear()
    return environment


def works(environment: Environment) -> bool:
    return subprocess.run([environment.python, "-c", "import packaging"]).returncode == 0
