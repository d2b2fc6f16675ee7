"""The local tier: environments and runs, with no Docker and no cluster."""

import os

from tools.core.paths import OUT
from tools.core.process import call
from tools.core.reporting import table
from tools.core.variables import switch
from tools.environments.environment import remove_others
from tools.environments.known import DEV, FLYTE_2, LINEAGE, RUNNER_TESTS, SITE
from tools.lessons import catalog
from tools.lessons.chosen import arguments, chosen, chosen_or_all
from tools.tiers import cluster
from tools.tiers.command import run_lesson, runner


def setup() -> None:
    """Makes every environment, so that the local tier works without a network; removes those that no lock asks for."""
    projects = chosen_or_all()
    environments = [environment for project in projects for environment in project.environments]
    environments += [DEV, RUNNER_TESTS, LINEAGE]
    for environment in environments:
        environment.ensure()
    for project in projects:
        project.environment.link(project.folder / ".venv")
    if not os.environ.get("PROJECT"):
        remove_others([*environments, SITE, FLYTE_2])


def run() -> int:
    """Runs one lesson, with REMOTE=1 on a cluster."""
    return cluster.run() if switch("REMOTE") else run_lesson(chosen(), arguments())


def recover() -> int:
    """Finishes what failed: the EXECUTION on a cluster, else the run that RUN names or the newest that failed."""
    if os.environ.get("EXECUTION") or switch("REMOTE"):
        return cluster.recover()
    name = os.environ.get("RUN")
    return run_lesson(chosen(), [name] if name else [], "recover")


def graph() -> int:
    """Draws the graph of a lesson's workflow, which is not run; without PROJECT, of every lesson."""
    return max(run_lesson(project, [], "graph") for project in chosen_or_all())


def clear_cache() -> int:
    """Makes the cache of one lesson forget its results; records and data of runs stay."""
    project = chosen()
    if not (OUT / project.name / ".cache").exists():
        print(f"the cache of {project.name} is empty")
        return 0
    # Not by removing the folder: a run that is at work has its files open.
    return call(runner(project, "clear-cache", OUT))


def run_all() -> int:
    """Runs every lesson, goes on past a failure, and ends with a table."""
    results = []
    for project in catalog.every():
        print(f"\n== {project.name}", flush=True)
        status = run_lesson(project, [])
        results.append((project.name, "succeeded" if status == 0 else f"failed (exit status {status})"))
    print("\n" + table(("lesson", "result"), results))
    return int(any(result != "succeeded" for _, result in results))
