"""The cluster tier: what `python -m runner` is asked for; it does the work in the lesson's environment."""

import json
import os
from collections.abc import Sequence

from tools.core.disk import need_disk
from tools.core.errors import Stop
from tools.core.paths import OUT, ROOT, SANDBOX_CONFIG
from tools.core.process import call
from tools.core.reporting import table
from tools.images.naming import version
from tools.images.published import references, say_without_client
from tools.lessons import catalog
from tools.lessons.catalog import Project
from tools.lessons.chosen import arguments, chosen, chosen_or_all
from tools.tiers.command import runner
from tools.tiers.pytest import pytest

INTERRUPTED = 130


def choose_cluster() -> None:
    """Chooses the sandbox of `make sandbox-up`, where the caller has named no cluster.

    Never the one in ~/.flyte: what a workshop registers must not land where somebody once set that up.
    """
    if not (os.environ.get("FLYTECTL_CONFIG") or os.environ.get("FLYTE_PLATFORM_URL")):
        os.environ["FLYTECTL_CONFIG"] = str(SANDBOX_CONFIG)


def upload_code(project: Project) -> None:
    """Has the code of a lesson uploaded whose images do not hold it, as FAST=1 asks for any lesson."""
    if project.is_fixture:
        os.environ["FAST"] = "1"


def do(verb: str, project: Project, words: Sequence[str] = (), images: dict[str, str] | None = None) -> int:
    """Has something done with a lesson on the cluster; `images` are by name."""
    choose_cluster()
    need_disk(ROOT, 100)
    upload_code(project)
    facts = {"version": version(project)} | ({"images": images} if images else {})
    return call(runner(project, f"cluster-{verb}", OUT, json.dumps(facts), *words))


def follow(verb: str, words: Sequence[str]) -> int:
    """Has an execution of the lesson followed. On Ctrl-C the command says itself how to come back."""
    try:
        return do(verb, chosen(), words)
    except KeyboardInterrupt:
        return INTERRUPTED


def register() -> int:
    """Registers one lesson, with the images of this tree, which the registry must have."""
    return register_one(chosen())


def register_one(project: Project) -> int:
    upload_code(project)
    images = references(project)
    say_without_client(project, images)
    return do("register", project, images=images)


def is_registered(project: Project) -> bool:
    """Registers a lesson as one of several; whether that went well. Prints why it did not."""
    try:
        return register_one(project) == 0
    except Stop as stop:
        print(stop, flush=True)
        return False


def register_all() -> int:
    """Registers every lesson, goes on past a failure, and ends with a table."""
    results = []
    for project in catalog.every():
        print(f"\n== {project.name}", flush=True)
        results.append((project.name, "registered" if is_registered(project) else "failed, see above"))
    print("\n" + table(("lesson", "result"), results))
    return int(any(result != "registered" for _, result in results))


def run() -> int:
    """Runs one lesson on the cluster, in the version of this tree, which must be registered."""
    return follow("run", arguments())


def execution() -> str:
    """The execution that EXECUTION names."""
    if name := os.environ.get("EXECUTION"):
        return name
    raise Stop("EXECUTION is missing: add EXECUTION=<name>; make run REMOTE=1 prints it, Flyte's console lists them")


def watch() -> int:
    """Follows an execution to its end."""
    return follow("watch", [execution()])


def recover() -> int:
    """Starts an execution that takes over what succeeded in one that failed."""
    return follow("recover", [execution()])


def abort() -> int:
    """Ends an execution."""
    return do("abort", chosen(), [execution()])


def activate() -> int:
    """Lets a lesson's schedules run, in the version of this tree."""
    return do("activate", chosen())


def deactivate() -> int:
    """Stops a lesson's schedules."""
    return do("deactivate", chosen())


def schedules() -> int:
    """Shows a lesson's schedules that run, and what they started."""
    return do("schedules", chosen())


def test_cluster() -> int:
    """Registers one lesson, or every lesson, and runs its cases on the cluster."""
    failed = [project.name for project in chosen_or_all() if not holds(project)]
    if failed:
        raise Stop(f"cluster tests failed: {', '.join(failed)}")
    return 0


def holds(project: Project) -> bool:
    """Whether a lesson can be registered, and its cases give on the cluster what they must."""
    print(f"\n== {project.name} on the cluster", flush=True)
    if not is_registered(project):
        return False
    choose_cluster()
    # What gRPC logs is reported in one line.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    words = ["--tier", "cluster", "--registered", version(project), "--out", str(OUT), "-s"]
    # What a case expected, and what came, is all that there is to say: no traceback of ours, no warnings of others.
    words += ["--no-header", "--disable-warnings", "--tb=short", "--show-capture=no", "-rN"]
    return pytest(project.environment, project.folder, *words, "tests") == 0
