"""What make targets do in a lesson's environment: python -m runner VERB PROJECT_FOLDER [OUT_FOLDER [FACTS [WORD …]]]

FACTS is JSON. For `run` and `recover` it holds the lesson's images by name, {"default": {"reference": …, "python": …}};
for verbs on a cluster the version of the tree, {"version": …}, and to register also the images, {"images": {…}}.

Exit status: 0, 1 when a task or an execution failed, or when there are findings, 2 for bad input or a cluster that
refuses, 130 when interrupted.
"""

import signal
import sys

# A verb's module is imported only when the verb is called: flytekit takes a second.
VERBS = {
    "run": "runner.local.run:main",
    "recover": "runner.local.recover:main",
    "clear-cache": "runner.local.cache:main",
    "typecheck": "runner.typecheck.command:main",
    "cluster-register": "runner.cluster.register:main",
    "cluster-run": "runner.cluster.start:main",
    "cluster-watch": "runner.cluster.control:watch",
    "cluster-recover": "runner.cluster.control:recover",
    "cluster-abort": "runner.cluster.control:abort",
    "cluster-activate": "runner.cluster.schedules:activate",
    "cluster-deactivate": "runner.cluster.schedules:deactivate",
    "cluster-schedules": "runner.cluster.schedules:show",
}


def ends() -> list[int]:
    """The signals that end a command; nohup ignores the last."""
    ignored = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([] if ignored else [signal.SIGHUP])]


def start() -> None:
    # Most of the first second is imports, of which Ctrl-C needs no traceback.
    for number in ends():
        signal.signal(number, lambda *_: sys.exit(130))
    from runner.command import main

    sys.exit(main(*sys.argv[1:]))


if __name__ == "__main__":
    start()
