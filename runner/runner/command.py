"""How a command of the runner is called, and how it ends: in one line, with an exit status."""

import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from runner.errors import Done, Stop, both_ends, of_disk, printable
from runner.lesson import Lesson
from runner.terminal import ends, importing, interrupt, lasting_stream
from runner.traces import kept

# A verb's module is imported only when the verb is called: flytekit takes a second.
VERBS = {
    "run": "runner.local.run:main",
    "recover": "runner.local.recover:main",
    "clear-cache": "runner.local.clear_cache:main",
    "graph": "runner.local.graph:main",
    "typecheck": "runner.typecheck.lesson:main",
    "cluster-register": "runner.cluster.register:main",
    "cluster-run": "runner.cluster.start:main",
    "cluster-watch": "runner.cluster.control:watch",
    "cluster-recover": "runner.cluster.control:recover",
    "cluster-abort": "runner.cluster.control:abort",
    "cluster-activate": "runner.cluster.schedules:activate",
    "cluster-deactivate": "runner.cluster.schedules:deactivate",
    "cluster-schedules": "runner.cluster.schedules:show",
}
WORDS = 300  # characters of an unexpected error that are shown


def main(verb: str, project: str, *words: str) -> int:
    """Does what a verb says with a lesson; returns the exit status."""
    if verb.startswith("cluster-") or verb in ("typecheck", "graph"):
        # Set before flytekit and gRPC are imported: here their errors end in one line, and warnings are for runs.
        os.environ.setdefault("FLYTE_SDK_LOGGING_LEVEL", "50")
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    # flytekit reads a configuration, such as ~/.flyte/config, when it is imported, and a broken one would end in a
    # traceback. A local run needs none; runner.cluster.configuration reads it for the commands that use a cluster.
    os.environ["_FLYTECTL_CONFIG_PYFLYTE_OVERRIDE"] = os.devnull
    sys.stdout, sys.stderr = (lasting_stream(stream) for stream in (sys.stdout, sys.stderr))

    def work() -> int:
        lesson = Lesson.read(Path(project).resolve())
        sys.path[0] = str(lesson.folder)  # instead of the working folder, which stays the user's
        module, _, name = VERBS[verb].partition(":")
        try:
            with importing():
                command = getattr(importlib.import_module(module), name)
        except SystemExit:
            raise KeyboardInterrupt from None  # how flytekit answers Ctrl-C
        # flytekit answers Ctrl-C by exiting on the spot, with no line and no record.
        for number in ends():
            signal.signal(number, interrupt)
        return command(lesson, *read(words))

    return ended(f"make {verb.removeprefix('cluster-')}", work)


def read(words: tuple[str, ...]) -> list[object]:
    """OUT_FOLDER as a path and FACTS as what its JSON holds; the other words as they are."""
    return [kind(word) for kind, word in zip((Path, json.loads), words, strict=False)] + list(words[2:])


def ended(target: str, work: Callable[[], int]) -> int:
    """Does the work and returns the exit status; says in one line why it could not be done."""
    try:
        status = work()
        sys.stdout.flush()
        return status
    except Done:
        return 0
    except Stop as stop:
        say(f"{target}: {stop}")
        return 2
    except KeyboardInterrupt:
        print(file=sys.stderr)  # the terminal has just printed ^C
        say(f"{target}: interrupted")
        return 130
    except BaseException as error:
        if words := of_disk(error):
            say(f"{target}: {words}")
            return 2
        say(f"{target}: {unexpected(error)}")
        return 1


def say(line: str) -> None:
    """Prints to where errors go."""
    print(printable(line), file=sys.stderr)


def unexpected(error: BaseException) -> str:
    """An error that nobody has thought of, in one line that names the file with its traceback."""
    words = both_ends(f"{type(error).__name__}: {error}", WORDS)
    return f"unexpected error: {words}; please report it with this file: {kept(error)}"
