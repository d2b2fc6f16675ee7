"""`make changed`: the lessons and base images that a git diff concerns, for people and for a CI matrix.

What depends on what stands in docker-bake.hcl: each target names the folders and the other targets that it is
made from. `docker buildx bake --print` reads it, without a daemon.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from typing import Any, get_args

from tools.core.errors import Stop
from tools.core.paths import ROOT
from tools.core.reporting import table
from tools.images.bake import bake_plan
from tools.lessons import catalog
from tools.lessons.bases import Base

Graph = dict[str, dict[str, Any]]

# What is done to every lesson, whatever it is made from: how images are built, how lessons run and are tested.
OF_ALL_LESSONS = ("docker-bake.hcl", "images/tests/", "Makefile", "tools/")
# What no lesson's run can notice; `make test` tests it by itself. docker-bake.json is not above for the same
# reason: it follows from the lesson.toml files.
OF_NO_LESSON = ("tools/tests/", "tools/template/")
# Where a fork or a clone keeps the branch that changes are compared with.
MAIN = ("origin/main", "main")


def git(*arguments: str) -> str | None:
    """What git prints about this checkout; None if it refuses."""
    try:
        answer = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, errors="replace")
    except FileNotFoundError:
        raise Stop("git is not on PATH; install it") from None
    return answer.stdout.rstrip("\n") if answer.returncode == 0 else None


def commit(revision: str) -> str | None:
    return git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")


def is_shallow() -> bool:
    return git("rev-parse", "--is-shallow-repository") == "true"


def base() -> str:
    """What this checkout is compared with: where it left SINCE, or by default main, or the commit before on main."""
    head, since = commit("HEAD"), os.environ.get("SINCE")
    if head is None:
        raise Stop("this folder is no git checkout with a commit, so nothing says what changed; clone it with git")
    if not since:
        left_main = [git("merge-base", name, head) for name in MAIN if commit(name)]
        since = next((found for found in left_main if found and found != head), "HEAD^")
    if re.fullmatch("0+", since) or (since == "HEAD^" and is_first(head)):
        # The empty tree: how git's hooks and GitHub write that there was nothing before.
        return git("hash-object", "-t", "tree", os.devnull) or ""
    shallow = "; this clone is shallow, git fetch --unshallow brings the rest" if is_shallow() else ""
    if commit(since) is None:
        raise Stop(
            f"SINCE={since!r} is not a commit in this clone{shallow or '; name a branch, a tag or a commit in it'}"
        )
    found = git("merge-base", since, head)
    if found is None:
        raise Stop(f"SINCE={since!r} has no history in common with HEAD{shallow or '; name another commit'}")
    return found


def is_first(head: str) -> bool:
    """Whether a commit has no parent; in a shallow clone, git only knows no parent of the last one that it has."""
    return commit(f"{head}^") is None and not is_shallow()


def listed(*arguments: str) -> set[str]:
    """The file names that a git command lists."""
    names = git(*arguments, "-z")
    if names is None:
        raise Stop(f"git {arguments[0]} failed; is the clone whole? git fsck tells")
    return set(filter(None, names.split("\0")))


def changed_files(base: str) -> tuple[set[str], set[str]]:
    """All files that differ from `base`, and those of them that are not committed.

    A renamed file counts under both names: a lesson that was renamed is a new lesson.
    """
    listing = ("--name-only", "--no-renames", "--relative")
    uncommitted = listed("diff", *listing, "HEAD") | listed("ls-files", "--others", "--exclude-standard")
    return listed("diff", *listing, base) | uncommitted, uncommitted


def bake_graph() -> Graph:
    """The targets of docker-bake.hcl by name."""
    if not shutil.which("docker"):
        raise Stop("docker is not on PATH; its bake knows which image is made from what, so install it")
    return bake_plan([])


def files_of(graph: Graph, files: set[str]) -> Callable[[str], set[str]]:
    """A function from a target to those of `files` that are in its folders, or in those of a target it is made from."""
    known: dict[str, set[str]] = {}

    def of(name: str) -> set[str]:
        if name not in graph:
            raise Stop(f"docker-bake.json lacks the image {name}; make format writes it anew")
        if name not in known:
            made_from = [graph[name]["context"], *graph[name].get("contexts", {}).values()]
            targets = [other.removeprefix("target:") for other in made_from if other.startswith("target:")]
            folders = tuple(f"{folder}/" for folder in made_from)
            known[name] = {file for file in files if file.startswith(folders)}.union(*map(of, targets))
        return known[name]

    return of


def concerned(files: set[str]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The lessons and the base images that `files` concern, by name, each with the files that do."""
    files = {file for file in files if not file.startswith(OF_NO_LESSON)}
    of_all = {file for file in files if file.startswith(OF_ALL_LESSONS)}
    graph = bake_graph()
    of_target = files_of(graph, files)
    by_lesson = {project.name: of_all.union(*map(of_target, project.image_names)) for project in catalog.every()}
    by_base = {name: of_target(name) for name in get_args(Base) if name in graph}
    return without_empty(by_lesson), without_empty(by_base)


def without_empty(found: dict[str, set[str]]) -> dict[str, set[str]]:
    return {name: files for name, files in found.items() if files}


def because(files: set[str]) -> str:
    first, *others = sorted(files)
    return f"{first} and {len(others)} more" if others else first


def removed(files: set[str]) -> list[str]:
    """The lessons whose files are among `files` and whose folders are gone."""
    names = {file.split("/")[1] for file in files if file.startswith("projects/")}
    return sorted(name for name in names if not (ROOT / "projects" / name).exists())


def changed() -> None:
    """Prints which lessons and base images the changes since SINCE concern, and why; FORMAT=json: one line of JSON."""
    form = os.environ.get("FORMAT") or "text"
    if form not in ("text", "json"):
        raise Stop(f"FORMAT is {form!r}; it is text or json")
    since = base()
    files, uncommitted = changed_files(since)
    by_lesson, by_base = concerned(files)
    if form == "json":
        print(json.dumps({"lessons": list(by_lesson), "images": list(by_base)}))
        return
    told = f", {len(uncommitted)} of them not committed" if uncommitted else ""
    print(f"files changed since {since[:12]}: {len(files)}{told}")
    for name in removed(files):
        print(f"projects/{name} is gone: nothing of it is left to test")
    rows = [("lesson", name, because(why)) for name, why in by_lesson.items()]
    rows += [("base image", name, because(why)) for name, why in by_base.items()]
    print(table(("what", "name", "because of"), rows) if rows else "no lesson and no image is concerned")
