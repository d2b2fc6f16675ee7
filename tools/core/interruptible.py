"""Runs a module that knows nothing of signals and pipes, as `python -m` does.

Ctrl-C, and a reader of its output that has seen enough, end it without a traceback.

python -m tools.core.interruptible MODULE [WORD …]
"""

import runpy
import signal
import sys

from tools.core.early import ENDING
from tools.core.streams import lasting


def command(python: object, module: str, *words: object) -> list[object]:
    """The command line that runs a module so."""
    return [python, "-m", "tools.core.interruptible", module, *words]


if __name__ == "__main__":
    del sys.argv[0]
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)  # see process.py: call
        sys.stdout = lasting(sys.stdout)
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
