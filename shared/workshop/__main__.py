"""Starts a local run: python -m workshop PROJECT_FOLDER OUT_FOLDER IMAGES [--input value …]; see run.py."""

import signal
import sys


def start() -> None:
    # Most of a run's first second is the import below; Ctrl-C in it needs no traceback.
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    from workshop.run import main

    main(*sys.argv[1:])


if __name__ == "__main__":
    start()
