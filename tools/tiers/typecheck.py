"""Types before anything runs: what a cluster would refuse when a lesson is registered."""

from tools.core.process import call
from tools.lessons.catalog import Project
from tools.lessons.chosen import chosen_or_all
from tools.tiers.command import runner


def typecheck() -> int:
    """Checks the types of one lesson, or of every lesson, and goes on past findings."""
    return max(check(project) for project in chosen_or_all())


def check(project: Project) -> int:
    """Checks every connection in a lesson's workflows, in its own environment; returns the exit status."""
    return call(runner(project, "typecheck"))
