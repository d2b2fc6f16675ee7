"""Starts a command in another environment and waits for its end."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.core import git
from tools.core.early import signals_wait
from tools.core.paths import ROOT
from tools.core.variables import clean_environment


def call(command: Sequence[object], folder: Path = ROOT) -> int:
    """Runs a command to its end and returns its exit status.

    The temporary folder is the command's own and goes with it: every import of flytekit leaves two
    folders there. On Ctrl-C, which reaches the command too, the command may end in its own way first. The command
    starts with signals blocked and has to unblock them; interruptible.py does so for modules that do not.
    CODE_REVISION names the revision of this tree: the runner records it, and so may a task.
    """
    outer = tempfile.gettempdir()
    with tempfile.TemporaryDirectory(prefix="lesson-") as own:
        own_variables = {"TMPDIR": own, "MACHINE_TMPDIR": outer, "CODE_REVISION": git.revision_if_known()}
        process = None
        try:
            with signals_wait():
                process = subprocess.Popen(list(map(str, command)), cwd=folder, env=clean_environment() | own_variables)
            status = process.wait()
        except BaseException as error:
            if process:
                if not isinstance(error, KeyboardInterrupt):
                    # As Ctrl-C would: the command ends its own children and containers, and keeps its record.
                    process.send_signal(signal.SIGINT)
                process.wait()
            raise
    if status >= 0:
        return status
    hint = ", most often for want of memory" if status == -signal.SIGKILL else ""
    print(f"killed by {signal.Signals(-status).name}{hint}", file=sys.stderr)
    return 128 - status
