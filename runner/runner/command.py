"""How a command of the runner is called, and how it ends: in one line, with an exit status."""

import errno
import importlib
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from runner.errors import Stop
from runner.lesson import Lesson

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
DISK_ERRORS = {
    errno.ENOSPC: "no space is left on the disk; free some and run the same command again",
    errno.EDQUOT: "the disk quota is used up; free some and run the same command again",
    errno.EROFS: "the folder is read-only; clone the repository where you may write",
    errno.EACCES: "permission denied; check the owner, or clone where you may write",
}


def main(verb: str, project: str, *words: str) -> int:
    """Does what a verb says with a lesson; returns the exit status."""
    if verb.startswith("cluster-") or verb == "typecheck":
        # Set before flytekit and gRPC are imported: here their errors end in one line, and warnings are for runs.
        os.environ.setdefault("FLYTE_SDK_LOGGING_LEVEL", "50")
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    lesson = Lesson.read(Path(project).resolve())
    sys.path[0] = str(lesson.folder)  # instead of the working folder, which stays the user's
    target = f"make {verb.removeprefix('cluster-')}"
    module, _, name = VERBS[verb].partition(":")

    def work() -> int:
        command = getattr(importlib.import_module(module), name)
        # flytekit answers Ctrl-C by exiting on the spot, with no line and no record.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        return command(lesson, *read(words))

    return ended(target, work)


def read(words: tuple[str, ...]) -> list[object]:
    """OUT_FOLDER as a path and FACTS as what its JSON holds; the other words as they are."""
    return [kind(word) for kind, word in zip((Path, json.loads), words, strict=False)] + list(words[2:])


def ended(target: str, work: Callable[[], int]) -> int:
    """Does the work and returns the exit status; says in one line why it could not be done."""
    try:
        return work()
    except Stop as stop:
        print(f"{target}: {stop}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\n{target}: interrupted", file=sys.stderr)
        return 130
    except Exception as error:
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            where = f"{error.filename}: " if error.filename else ""
            print(f"{target}: {where}{DISK_ERRORS[error.errno]}", file=sys.stderr)
            return 2
        print(f"{target}: {unexpected(error)}", file=sys.stderr)
        return 1


def unexpected(error: Exception) -> str:
    """An error that nobody has thought of, in one line that names the file with its traceback."""
    words = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    with tempfile.NamedTemporaryFile("w", prefix="traceback-", suffix=".txt", delete=False, dir=lasting()) as file:
        file.write("".join(traceback.format_exception(error)))
    return f"unexpected error: {words}; please report it with this file: {file.name}"


def lasting() -> str:
    """The machine's folder for temporary files: the one of this process is removed when the process ends."""
    return os.environ.get("MACHINE_TMPDIR") or tempfile.gettempdir()
