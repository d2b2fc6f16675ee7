"""Runs pytest in an environment that does not have it."""

from pathlib import Path

from tools.core.process import call
from tools.environments.environment import Environment
from tools.environments.known import DEV

# How pytest is started. A signal ends it in one line: at once while modules are imported, of which any may catch an
# exception; later, fixtures end what they have started. One that `call` passes on when the group has got it already is
# the same one. flytekit's own handler would only fail the test at hand. A shell starts what it puts in the background
# deaf to Ctrl-C, which some tests send to programs of theirs.
START = """
import os, signal, sys, time

class Interrupted(KeyboardInterrupt):
    last = 0.0

def on_signal(handler):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)

class Plugin:
    def pytest_collection(self):
        on_signal(lambda *_: os._exit(130))

    def pytest_collection_finish(self, session):
        def interrupt(*_):
            if time.monotonic() - Interrupted.last > 1:
                Interrupted.last = time.monotonic()
                session.shouldstop = "interrupted"
                raise Interrupted

        on_signal(interrupt)

Plugin().pytest_collection()
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
sys.path.append({site_packages!r})
import pytest
try:
    sys.exit(pytest.main(plugins=[Plugin()]))
except Exception:  # pytest's tmp_path is torn down by a KeyError when the set-up of a test was cut short
    if not Interrupted.last:
        raise
    sys.exit(130)
"""


def pytest(environment: Environment, folder: Path, *words: str) -> int:
    """Runs pytest on `folder` in `environment`, which itself stays as its lock says.

    pytest comes from the dev tools, after everything that the environment has of its own. Of temporary folders it
    keeps those of tests that failed; all together are gigabytes.
    """
    start = START.format(site_packages=str(DEV.ensure().site_packages))
    # Fixtures of tests around the folder are none of its tests' business.
    options = ["-p", "no:cacheprovider", "-o", "tmp_path_retention_policy=failed", "-q", "--confcutdir=."]
    return call([environment.ensure().python, "-c", start, *options, *words], folder)
