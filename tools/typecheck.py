"""Types before anything runs: what a cluster would refuse when a lesson is registered."""

from tools.lessons import Project
from tools.local import call, chosen_or_all


def typecheck() -> int:
    """Checks the types of one lesson, or of every lesson, and goes on past findings."""
    return max(check(project) for project in chosen_or_all())


def check(project: Project) -> int:
    """Checks every connection in a lesson's workflows, in its own environment; returns the exit status."""
    return call([project.environment.ensure().python, "-m", "workshop.typecheck", project.folder])
