"""Runs the repository's own uv, with what the machine's environment says about registries."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tools.core.errors import Stop
from tools.core.paths import UV
from tools.core.reporting import last_words
from tools.core.variables import clean_environment

REASONS = [
    (
        r"[Hh]ash mismatch|no matching hash|--require-hashes",
        "the lock and the registry disagree about a hash; if the lock was changed by hand, make it again: make lock",
    ),
    (r"No space left|os error 28", "no space is left on the disk; free some and run the same command again"),
    (
        r"Read-only file system|Permission denied|os error (13|30)",
        "a folder is not writable; check its owner, or clone where you may write",
    ),
    (r"No interpreter found", "this Python is not on the machine and could not be downloaded; install it"),
    (
        r"dns error|Failed to fetch|error sending request|Connect|timed out",
        "the package registry is not reachable; check the network, or name a mirror: PIP_INDEX_URL=…",
    ),
]
HEARTBEAT_SECONDS = 15


def reason(stderr: str) -> str:
    """uv's error as one line: what it means where we know it, and its own last words."""
    words = last_words(" ".join(word for word in stderr.split() if not word.startswith("sha256:")))
    words = words.removesuffix(" Expected: Computed:")
    known = [meaning for pattern, meaning in REASONS if re.search(pattern, stderr)]
    return f"{known[0]} (uv: {words})" if known else f"uv: {words}"


def uv(arguments: Sequence[object], doing: str, folder: Path | None = None) -> None:
    """Runs uv quietly.

    Args:
        arguments: uv's arguments.
        doing: what failed, for the message of an error.
        folder: the working folder, if not this process's.

    Raises:
        Stop: uv failed.
    """
    if arguments[0] == "pip" and os.environ.get("PIP_NO_INDEX"):
        arguments = [*arguments, "--no-index"]
    command = [str(UV), "--quiet", "--no-progress", "--color", "never", *map(str, arguments)]
    process = subprocess.Popen(command, env=clean_environment(), cwd=folder, stderr=subprocess.PIPE, text=True)
    start = time.monotonic()
    while True:
        try:
            _, stderr = process.communicate(timeout=HEARTBEAT_SECONDS)
            break
        except subprocess.TimeoutExpired:
            print(f"  … still at work after {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        raise Stop(f"{doing}: {reason(stderr)}")
