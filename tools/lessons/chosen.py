"""What the command line chooses: the lesson that PROJECT names, and the words of ARGS."""

import os
import shlex

from tools.core.errors import Stop
from tools.lessons import catalog
from tools.lessons.catalog import Project


def chosen() -> Project:
    """The lesson that PROJECT names."""
    return catalog.find(os.environ.get("PROJECT", ""))


def chosen_or_all() -> list[Project]:
    """The lesson that PROJECT names, or every lesson when it names none."""
    return [chosen()] if os.environ.get("PROJECT") else catalog.every()


def longest_first(projects: list[Project]) -> list[Project]:
    """Lessons in the order in which suites of their tests begin, so that no long one is left alone at the end.

    How long a suite takes depends most on the number of its cases.
    """
    return sorted(projects, key=lambda project: -len(project.lesson.cases))


def arguments() -> list[str]:
    """The words of ARGS."""
    try:
        return shlex.split(os.environ.get("ARGS", ""))
    except ValueError as error:
        raise Stop(f"ARGS cannot be read: {error}; write ARGS='--input value'") from None
