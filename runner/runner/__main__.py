"""What make targets do in a lesson's environment: python -m runner VERB PROJECT_FOLDER [OUT_FOLDER [FACTS [WORD …]]]

FACTS is JSON. For `run` and `recover` it holds the lesson's images by name, {"default": {"reference": …, "python": …}};
for verbs on a cluster the version of the tree, {"version": …}, and to register also the images, {"images": {…}}.

Exit status: 0, 1 when a task or an execution failed, or when there are findings, 2 for bad input or a cluster that
refuses, 130 when interrupted.
"""

import gc
import signal
import sys

from runner.terminal import ends, leave


def start() -> None:
    # Most of the first second is imports. Nothing has been started yet, so that nothing is left behind.
    for number in ends():
        signal.signal(number, leave)
    # `make` blocks signals, because Ctrl-C would be a traceback while Python itself starts.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    from runner.command import main

    status = main(*sys.argv[1:])
    # Spares the interpreter half a second, in which it would sweep every imported module as it exits.
    gc.freeze()
    sys.exit(status)


if __name__ == "__main__":
    start()
