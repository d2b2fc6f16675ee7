"""Types before anything runs: what a cluster would refuse when a lesson is registered."""

import os

from tools.core.paths import OUT
from tools.core.process import call
from tools.lessons.catalog import Project
from tools.lessons.chosen import chosen_or_all
from tools.tiers.command import runner


def typecheck() -> int:
    """Checks the types of one lesson, or of every lesson, and goes on past findings."""
    projects = chosen_or_all()
    if len(projects) > 1 and (ahead := to_install(projects)):
        print(ahead, flush=True)
    return max(check(project) for project in projects)


def to_install(projects: list[Project]) -> str:
    """What must be installed before all lessons can be checked, in one line; "" if nothing."""
    environments = [project.environment for project in projects]
    # Lessons with equal locks share one.
    missing = {environment.folder: environment for environment in environments if not environment.is_made()}
    if not missing:
        return ""
    size = sum(environment.disk_mb for environment in missing.values())
    count = f"{len(missing)} environment{'s' * (len(missing) != 1)}"
    return f"make typecheck: installs {count} for {len(projects)} lessons, about {size} MB; PROJECT=x checks one lesson"


def check(project: Project) -> int:
    """Checks every connection in a lesson's workflows, in its own environment; returns the exit status.

    PACKAGE names another package in the lesson's folder than its own.
    """
    return call(runner(project, "typecheck", OUT, "{}", os.environ.get("PACKAGE", "")))
