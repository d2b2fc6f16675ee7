"""Runs the repository's own uv, with what the machine's environment says about registries."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.core.errors import Stop
from tools.core.paths import UV
from tools.core.reporting import both_ends
from tools.core.secrets import check, hidden
from tools.core.variables import clean_environment

REASONS = [
    (
        r"torch\S*(\{[^}]*\})?==\S*\+cpu|download\.pytorch\.org",
        "the CPU build of PyTorch is not on PyPI, and PyTorch's own index is not reached; take the CUDA build, which "
        "PyPI has: TORCH=cuda, or name an index or a folder of wheels that has the CPU build: PIP_EXTRA_INDEX_URL=…, "
        "PIP_FIND_LINKS=…",
    ),
    (
        r"[Hh]ash mismatch|no matching hash|--require-hashes",
        "the lock and the registry disagree about a hash; if the lock was changed by hand, make it again: make lock",
    ),
    (r"No space left|os error 28", "no space is left on the disk; free some and run the same command again"),
    (
        r"Read-only file system|Permission denied|os error (13|30)",
        "a folder is not writable; check its owner, clone where you may write, or name another folder for uv's cache: "
        "UV_CACHE_DIR=…",
    ),
    (
        r"No interpreter found|Failed to download `\S*/cpython-",
        "this Python is not on the machine and could not be downloaded; install it, or name a mirror: "
        "UV_PYTHON_INSTALL_MIRROR=…",
    ),
    (
        r"dns error|Failed to fetch|error sending request|Connect|timed out",
        "the package registry is not reachable; check the network, or name a mirror: PIP_INDEX_URL=…",
    ),
    (
        r"depends?\s+on\s[\s\S]*\syou\s+require",
        "one requirement contradicts another; change one of the two pins that uv names",
    ),
]
HEARTBEAT_SECONDS = 15


def reason(stderr: str) -> str:
    """uv's error as one line: what it means where we know it, and its own words from the first one on."""
    # Hashes and the conditions behind a package's name are long, and say nothing that a user can change.
    words = re.sub(r"\{[^}]*\}", "", " ".join(word for word in stderr.split() if not word.startswith("sha256:")))
    words = hidden(both_ends(words.removesuffix(" Expected: Computed:")))
    known = [meaning for pattern, meaning in REASONS if re.search(pattern, stderr)]
    return f"{known[0]} (uv: {words})" if known else f"uv: {words}"


def uv(
    arguments: Sequence[object], doing: str, folder: Path | None = None, more: Mapping[str, str] | None = None
) -> None:
    """Runs uv quietly.

    Args:
        arguments: uv's arguments.
        doing: what failed, for the message of an error.
        folder: the working folder, if not this process's.
        more: variables beside this process's.

    Raises:
        Stop: uv failed, or an address in the environment is not valid.
    """
    check()
    if arguments[0] == "pip" and os.environ.get("PIP_NO_INDEX", "").lower() not in ("", "0", "false", "no", "off"):
        arguments = [*arguments, "--no-index"]
    command = [str(UV), "--quiet", "--no-progress", "--color", "never", *map(str, arguments)]
    environment = clean_environment() | dict(more or {})
    try:
        process = subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.PIPE, text=True)
    except OSError as error:
        damaged = UV.parents[1]
        raise Stop(
            f"{doing}: uv does not start ({error.strerror}); if it is damaged, remove {damaged} and "
            f"{damaged.with_name('ready')}: the same command then installs it again"
        ) from None
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
