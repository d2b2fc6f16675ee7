"""Asks git about this checkout, and says why when it refuses."""

import shutil
import subprocess
import sys
import urllib.parse
from pathlib import Path

from tools.core.errors import Stop
from tools.core.paths import ROOT
from tools.core.variables import clean_environment

MISSING = "git is not on PATH; install it"
NO_REPOSITORY = "not a git repository"
# Settings that people have for their eyes, and that would change an answer: which files differ, when was a commit.
SETTINGS = ("-c", "status.showUntrackedFiles=normal", "-c", "log.showSignature=false")


class GitRefused(Stop):
    """Git is missing, or did not answer: why, in one line."""


def ask(*arguments: str) -> str:
    """Returns what git prints about this repository.

    Raises:
        GitRefused: git is missing, or refuses.
    """
    if not shutil.which("git"):
        raise GitRefused(MISSING)
    command = ["git", "-C", str(ROOT), *SETTINGS, *arguments]
    answer = subprocess.run(
        command, capture_output=True, text=True, errors="replace", env=clean_environment() | {"LC_ALL": "C"}
    )
    if answer.returncode:
        lines = answer.stderr.strip().splitlines() or [f"git {arguments[0]}: exit status {answer.returncode}"]
        raise GitRefused(f"git: {explained(lines[0].removeprefix('fatal: ').removeprefix('error: '))}")
    return answer.stdout.rstrip("\n")


def explained(reason: str) -> str:
    """Git's reason, with the next step where there is one."""
    if "dubious ownership" in reason:
        return f"{reason}; if you trust this folder: git config --global --add safe.directory {ROOT}"
    if NO_REPOSITORY in reason:
        return f"{ROOT} is {NO_REPOSITORY}; get the lessons by git clone, not as an archive"
    return reason


def listed(command: str, *arguments: str) -> set[str]:
    """The file names that a git command lists."""
    return set(filter(None, ask(command, "-z", *arguments).split("\0")))


def files(*folders: Path) -> set[Path]:
    """The files of this checkout, or of folders in it, that git does not ignore, committed or not."""
    names = listed("ls-files", "--cached", "--others", "--exclude-standard", "--", *map(str, folders))
    return {file for name in names if (file := ROOT / name).is_file()}


def changed_files(base: str) -> tuple[set[str], set[str]]:
    """All files that differ from `base`, and those of them that are not committed.

    A renamed file counts under both names: a lesson that was renamed is a new lesson.
    """
    listing = ("--name-only", "--no-renames", "--relative")
    uncommitted = listed("diff", *listing, "HEAD") | listed("ls-files", "--others", "--exclude-standard")
    return listed("diff", *listing, base) | uncommitted, uncommitted


def answer(*arguments: str) -> str:
    """Returns what git prints; empty without git, outside a repository and before its first commit.

    Raises:
        GitRefused: for any other reason.
    """
    try:
        return ask(*arguments)
    except GitRefused as refused:
        if str(refused) == MISSING or NO_REPOSITORY in str(refused) or is_without_commit():
            return ""
        raise


def is_without_commit() -> bool:
    """Whether this is a repository in which nothing has been committed yet."""
    try:
        return ask("rev-parse", "--is-inside-work-tree") == "true" and not ask("rev-list", "--all", "--max-count=1")
    except GitRefused:
        return False


def revision() -> str:
    """The commit of this tree in 40 digits, with -dirty if files differ from it; empty outside a repository."""
    commit = answer("rev-parse", "HEAD")
    return commit + ("-dirty" if commit and answer("status", "--porcelain") else "")


def revision_if_known() -> str:
    """The same for a run, which needs no git: if git refuses, prints why and returns nothing."""
    try:
        return revision()
    except Stop as stop:
        print(f"the record will not name a revision: {stop}", file=sys.stderr)
        return ""


def source() -> str:
    """The repository's address as a browser opens it, without credentials; empty if it has none."""
    try:
        remote = ask("remote", "get-url", "origin")
    except GitRefused:
        return ""
    if "://" not in remote:
        # git@host:path, as ssh takes it; else a folder.
        user_and_host, colon, path = remote.partition(":")
        remote = f"ssh://{user_and_host}/{path}" if colon and "@" in user_and_host else ""
    address = urllib.parse.urlsplit(remote)
    if address.scheme not in ("https", "ssh") or not address.hostname:
        return ""
    # The port of an ssh address is no browser's.
    host = address.netloc.rpartition("@")[2] if address.scheme == "https" else address.hostname
    return f"https://{host}/{address.path.strip('/').removesuffix('.git')}"
