"""Starts a command in another environment and waits for its end."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.core import git
from tools.core.paths import ROOT
from tools.core.variables import clean_environment


def started(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.Popen:
    """Starts a command, and blocks Ctrl-C for this process and for the command.

    It would be a traceback while the command's Python starts; the command unblocks it when it handles it.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return subprocess.Popen(command, cwd=folder, env=environment)
    except BaseException:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        raise


def call(command: Sequence[object], folder: Path = ROOT) -> int:
    """Runs a command to its end and returns its exit status.

    The temporary folder is the command's own and goes with it: every import of flytekit leaves two
    folders there. On Ctrl-C, which reaches the command too, the command may end in its own way first.
    CODE_REVISION names the revision of this tree: the runner records it, and so may a task.
    """
    outer = tempfile.gettempdir()
    with tempfile.TemporaryDirectory(prefix="lesson-") as own:
        own_variables = {"TMPDIR": own, "MACHINE_TMPDIR": outer, "CODE_REVISION": git.revision_if_known()}
        process = started(list(map(str, command)), folder, clean_environment() | own_variables)
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            status = process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise
        except BaseException:
            # As Ctrl-C would: the command ends its own children and containers, and keeps its record.
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
    if status >= 0:
        return status
    hint = ", most often for want of memory" if status == -signal.SIGKILL else ""
    print(f"killed by {signal.Signals(-status).name}{hint}", file=sys.stderr)
    return 128 - status
