"""Runs pytest in an environment that does not have it."""

from pathlib import Path

from tools.core import streams
from tools.core.process import call
from tools.environments.environment import Environment
from tools.environments.known import DEV

START = Path(__file__).with_name("pytest_start.py").read_text(encoding="utf-8")


def pytest(environment: Environment, folder: Path, *words: str) -> int:
    """Runs pytest on `folder` in `environment`, which itself stays as its lock says.

    pytest comes from the dev tools, after everything that the environment has of its own. Of temporary folders it
    keeps those of tests that failed; all together are gigabytes.
    """
    # Fixtures of tests around the folder are none of its tests' business.
    options = ["-p", "no:cacheprovider", "-q", "--confcutdir=.", "-o", "tmp_path_retention_policy=failed"]
    first = (streams.__file__, DEV.ensure().site_packages, environment.name.replace(" ", "-"))
    return call([environment.ensure().python, "-c", START, *first, *options, *words], folder)
