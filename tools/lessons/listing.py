"""`make list`: the lessons in the order in which they are taught."""

from tools.core.reporting import table
from tools.lessons import catalog


def list_lessons() -> None:
    """Prints the lessons in the order in which they are taught."""
    facts = [(project.name, project.lesson) for project in catalog.every()]
    rows = [(lesson.order, name, lesson.section, lesson.title, f"{lesson.minutes} min") for name, lesson in facts]
    print(table(("", "PROJECT", "section", "title", "takes"), rows))
