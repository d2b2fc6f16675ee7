"""Since when changes count for `make changed`."""

import os
import re

from tools.core import git
from tools.core.errors import Stop
from tools.core.git import GitRefused

# Where a fork or a clone keeps the branch that changes are compared with.
MAIN = ("origin/main", "main")


def found(*arguments: str) -> str | None:
    """What git prints; None if there is no such thing."""
    try:
        return git.ask(*arguments)
    except GitRefused:
        return None


def commit(revision: str) -> str | None:
    """The digits of a commit."""
    return found("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")


def is_shallow() -> bool:
    return found("rev-parse", "--is-shallow-repository") == "true"


def is_first(head: str) -> bool:
    """Whether a commit has no parent; in a shallow clone, git only knows no parent of the last one that it has."""
    return commit(f"{head}^") is None and not is_shallow()


def base() -> str:
    """What this checkout is compared with: where it left SINCE, or by default main, or the commit before on main.

    Raises:
        Stop: git is missing or refuses, there is no commit yet, or SINCE is no commit in this clone.
    """
    head, since = git.answer("rev-parse", "HEAD"), os.environ.get("SINCE")
    if not head:
        git.ask("rev-parse", "--git-dir")  # says why, if that is the reason
        raise Stop("this repository has no commit yet, so nothing has changed since one; commit first")
    if not since:
        left_main = [found("merge-base", name, head) for name in MAIN if commit(name)]
        since = next((name for name in left_main if name and name != head), "HEAD^")
    if re.fullmatch("0+", since) or (since == "HEAD^" and is_first(head)):
        # The empty tree: how git's hooks and GitHub write that there was nothing before.
        return git.ask("hash-object", "-t", "tree", os.devnull)
    shallow = "; this clone is shallow, git fetch --unshallow brings the rest" if is_shallow() else ""
    if commit(since) is None:
        raise Stop(
            f"SINCE={since!r} is not a commit in this clone{shallow or '; name a branch, a tag or a commit in it'}"
        )
    left = found("merge-base", since, head)
    if left is None:
        raise Stop(f"SINCE={since!r} has no history in common with HEAD{shallow or '; name another commit'}")
    return left
