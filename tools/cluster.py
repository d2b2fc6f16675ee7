"""The cluster tier: what is told to `python -m workshop.cluster`, which does the work in the lesson's environment."""

import json
import os
from collections.abc import Sequence

from tools import lessons
from tools.environments import need_disk
from tools.errors import Stop
from tools.lessons import Project
from tools.local import arguments, call, chosen, chosen_or_all
from tools.paths import OUT, ROOT
from tools.published import references
from tools.reporting import table
from tools.revision import version
from tools.suites import pytest

# How flytekit reaches the sandbox of `make sandbox-up`.
SANDBOX = ROOT / "sandbox" / "config.yaml"
INTERRUPTED = 130


def command(verb: str, project: Project, words: Sequence[str] = (), images: dict[str, str] | None = None) -> list[str]:
    """The command that does something with a lesson on the cluster; `images` are by name."""
    need_disk(ROOT, 100)
    if not (os.environ.get("FLYTECTL_CONFIG") or os.environ.get("FLYTE_PLATFORM_URL")):
        # Not ~/.flyte: what a workshop registers must not land on a cluster that somebody once set up there.
        os.environ["FLYTECTL_CONFIG"] = str(SANDBOX)
    facts = {"version": version(project)} | ({"images": images} if images else {})
    python = project.environment.ensure().python
    return [str(python), "-m", "workshop.cluster", verb, str(project.folder), str(OUT), json.dumps(facts), *words]


def followed(words: Sequence[str]) -> int:
    """Runs a command that follows an execution. On Ctrl-C it says itself how to come back."""
    try:
        return call(words)
    except KeyboardInterrupt:
        return INTERRUPTED


def register() -> int:
    """Registers one lesson, with the images of this tree, which the registry must have."""
    project = chosen()
    return call(command("register", project, images=references(project)))


def register_all() -> int:
    """Registers every lesson, goes on past a failure, and ends with a table."""
    results = []
    for project in lessons.every():
        print(f"\n== {project.name}", flush=True)
        try:
            status = call(command("register", project, images=references(project)))
            results.append((project.name, "registered" if status == 0 else "failed, see above"))
        except Stop as stop:
            print(stop, flush=True)
            results.append((project.name, "failed, see above"))
    print("\n" + table(("lesson", "result"), results))
    return int(any(result != "registered" for _, result in results))


def run() -> int:
    """Runs one lesson on the cluster, in the version of this tree, which must be registered."""
    return followed(command("run", chosen(), arguments()))


def execution() -> str:
    """The execution that EXECUTION names."""
    if name := os.environ.get("EXECUTION"):
        return name
    raise Stop("EXECUTION is missing: add EXECUTION=<name>; make run REMOTE=1 prints it, Flyte's console lists them")


def watch() -> int:
    """Follows an execution to its end."""
    return followed(command("watch", chosen(), [execution()]))


def recover() -> int:
    """Starts an execution that takes over what succeeded in one that failed."""
    return followed(command("recover", chosen(), [execution()]))


def abort() -> int:
    """Ends an execution."""
    return call(command("abort", chosen(), [execution()]))


def activate() -> int:
    """Lets a lesson's schedules run, in the version of this tree."""
    return call(command("activate", chosen()))


def deactivate() -> int:
    """Stops a lesson's schedules."""
    return call(command("deactivate", chosen()))


def schedules() -> int:
    """Shows a lesson's schedules that run, and what they started."""
    return call(command("schedules", chosen()))


def test_cluster() -> int:
    """Registers one lesson, or every lesson, and runs its cases on the cluster."""
    failed = [project.name for project in chosen_or_all() if not holds(project)]
    if failed:
        raise Stop(f"cluster tests failed: {', '.join(failed)}")
    return 0


def holds(project: Project) -> bool:
    """Whether a lesson can be registered, and its cases give on the cluster what they must."""
    print(f"\n== {project.name} on the cluster", flush=True)
    try:
        if call(command("register", project, images=references(project))):
            return False
    except Stop as stop:
        print(stop, flush=True)
        return False
    # What gRPC logs is told in one line.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    words = ["--tier", "cluster", "--registered", version(project), "--out", str(OUT), "-s"]
    return pytest(project.environment, project.folder, *words, "tests") == 0
