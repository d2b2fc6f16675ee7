"""python -m workshop.cluster VERB PROJECT_FOLDER OUT_FOLDER FACTS […]: what the make targets do on a cluster.

FACTS is JSON: the version of the tree, {"version": …}, and to register also the images by name, {"images": {…}}.
Exit status: 0, 1 when an execution failed, 2 for bad input or a cluster that refuses, 130 when interrupted.
"""

import importlib
import json
import os
import signal
import sys
from pathlib import Path

VERBS = {
    "register": "register:main",
    "run": "start:main",
    "watch": "control:watch",
    "recover": "control:recover",
    "abort": "control:abort",
    "activate": "schedules:activate",
    "deactivate": "schedules:deactivate",
    "schedules": "schedules:show",
}


def main(verb: str, project: str, out: str, facts: str, *words: str) -> int:
    # Set before flytekit and gRPC are imported: what they log is told in one line here.
    os.environ.setdefault("FLYTE_SDK_LOGGING_LEVEL", "50")
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from workshop.cluster.ending import ended
    from workshop.lesson import Lesson

    sys.path[0] = project  # instead of the working folder, which stays the user's
    module, _, name = VERBS[verb].partition(":")
    command = getattr(importlib.import_module(f"workshop.cluster.{module}"), name)
    # flytekit answers Ctrl-C by exiting on the spot.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return ended(f"make {verb}", lambda: command(Lesson.read(Path(project)), Path(out), json.loads(facts), *words))


if __name__ == "__main__":
    # Until main has started, Ctrl-C needs no traceback.
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    sys.exit(main(*sys.argv[1:]))
