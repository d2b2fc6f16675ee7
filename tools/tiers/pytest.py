"""Runs pytest in an environment that does not have it."""

from pathlib import Path

from tools.core.process import call
from tools.environments.environment import Environment
from tools.environments.known import DEV


def pytest(environment: Environment, folder: Path, *words: str) -> int:
    """Runs pytest on `folder` in `environment`, which itself stays as its lock says.

    pytest comes from the dev tools, after everything that the environment has of its own. Of temporary folders it
    keeps those of tests that failed; all together are gigabytes.
    """
    start = (
        f"import signal, sys; sys.path.append({str(DEV.ensure().site_packages)!r}); "
        # A shell starts what it puts in the background deaf to Ctrl-C; some tests send it to programs of theirs.
        "signal.signal(signal.SIGINT, signal.default_int_handler); import pytest; sys.exit(pytest.main())"
    )
    # Fixtures of tests around the folder are none of its tests' business.
    options = ["-p", "no:cacheprovider", "-o", "tmp_path_retention_policy=failed", "-q", "--confcutdir=."]
    return call([environment.ensure().python, "-c", start, *options, *words], folder)
