"""How tools.tiers.pytest starts pytest: the text of this file is run by `python -c`.

Its first words are the file of tools.core.streams, a folder of packages, and the name of the suite.

A signal ends pytest in one line: at once while modules are imported, of which any may catch an exception; later,
fixtures end what they have started. A signal that make or the tools pass on although the group got it already is the
same one. flytekit's own handler would only fail the test at hand. Nothing sweeps what the imports made, neither in
between nor at the end, which takes a second with flytekit. A shell starts what it puts in the background deaf to
Ctrl-C, and nohup deaf to SIGHUP, which some tests send to programs of theirs: those must not inherit that.
"""

import gc
import os
import runpy
import signal
import sys
import time
from pathlib import Path


class Interrupted(KeyboardInterrupt):
    last = 0.0


def deaf(*_):
    """Does nothing, and programs that pytest starts do not inherit it, unlike SIG_IGN."""


def on_signal(handler):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        is_deaf = number != signal.SIGINT and signal.getsignal(number) in (signal.SIG_IGN, deaf)
        signal.signal(number, deaf if is_deaf else handler)


class Plugin:
    def pytest_collection(self):
        on_signal(lambda *_: os._exit(130))
        gc.disable()

    def pytest_collection_finish(self, session):
        def interrupt(*_):
            if time.monotonic() - Interrupted.last > 1:
                Interrupted.last = time.monotonic()
                session.shouldstop = "interrupted"
                raise Interrupted

        on_signal(interrupt)
        gc.freeze()
        gc.enable()


if __name__ == "__main__":
    Plugin().pytest_collection()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    sys.stdout = runpy.run_path(sys.argv.pop(1))["lasting"](sys.stdout)
    sys.path.append(sys.argv.pop(1))
    # The temporary folder of this process goes with it; the files of tests that failed stay, as messages name them.
    # Each suite has a folder of its own: of two pytests in one, the first to end may unlock the files of the other.
    files = Path(os.environ["MACHINE_TMPDIR"], f"tests-{os.getuid()}", sys.argv.pop(1))
    files.mkdir(parents=True, exist_ok=True)
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(files)
    import pytest

    try:
        status = pytest.main(plugins=[Plugin()])
        gc.freeze()
        sys.exit(status)
    except Exception:  # pytest's tmp_path is torn down by a KeyError when the set-up of a test was cut short
        if not Interrupted.last:
            raise
        sys.exit(130)
