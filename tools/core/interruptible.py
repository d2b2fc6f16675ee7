"""Runs a module that knows nothing of signals, as `python -m` does; Ctrl-C ends it without a traceback.

python -m tools.core.interruptible MODULE [WORD …]
"""

import runpy
import signal
import sys

from tools.core.early import ENDING


def command(python: object, module: str, *words: object) -> list[object]:
    """The command line that runs a module so."""
    return [python, "-m", "tools.core.interruptible", module, *words]


if __name__ == "__main__":
    del sys.argv[0]
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)  # see process.py: call
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
