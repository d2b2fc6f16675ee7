"""What the tests of the harness have in common besides fixtures."""

import os
import signal
import subprocess
import time
from pathlib import Path

from runner.harness import walk

HERE = Path(__file__).parent
IMAGES = {"default": "localhost:30000/example:1"}


def outcomes(execution: walk.Execution) -> list[tuple[str, str]]:
    return [(attempt.task, attempt.outcome) for attempt in execution.attempts]


def is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended but that nobody has waited for does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")


def gone(pid: int) -> bool:
    """Whether a process has ended; waits up to twenty seconds for it, then ends it: nothing stays of a test."""
    deadline = time.monotonic() + 20
    while is_running(pid):
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            return False
        time.sleep(0.05)
    return True
