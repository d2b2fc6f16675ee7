"""Types before anything runs: what a cluster would refuse when a lesson is registered."""

import os

from tools.core.paths import OUT
from tools.core.process import call
from tools.lessons.catalog import Project
from tools.lessons.chosen import chosen_or_all
from tools.tiers.command import runner


def typecheck() -> int:
    """Checks the types of one lesson, or of every lesson, and goes on past findings."""
    return max(check(project) for project in chosen_or_all())


def check(project: Project) -> int:
    """Checks every connection in a lesson's workflows, in its own environment; returns the exit status.

    PACKAGE names another package in the lesson's folder than its own.
    """
    return call(runner(project, "typecheck", OUT, "{}", os.environ.get("PACKAGE", "")))
