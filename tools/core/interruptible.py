"""Runs a module that knows nothing of signals and pipes, as `python -m` does.

Ctrl-C, a reader of its output that has seen enough, and a full disk end it without a traceback.

python -m tools.core.interruptible MODULE [WORD …]
"""

import runpy
import signal
import sys

from tools.core.early import ENDING
from tools.core.reporting import of_disk, say
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
    except OSError as error:
        if not (words := of_disk(error)):
            raise
        say(words)
        sys.stdout = sys.__stdout__  # has nothing left to print as Python exits
        sys.exit(2)
