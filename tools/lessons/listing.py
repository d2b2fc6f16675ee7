"""`make list` and `make workshop`: the lessons in the order in which they are taught, and a schedule of them."""

import itertools

from tools.core.reporting import table
from tools.lessons import catalog
from tools.lessons.catalog import Project
from tools.lessons.exercises import exercises


def list_lessons() -> None:
    """Prints the lessons in the order in which they are taught."""
    facts = [(project.name, project.lesson) for project in catalog.every()]
    rows = [(lesson.order, name, lesson.section, lesson.title, f"{lesson.minutes} min") for name, lesson in facts]
    print(table(("", "PROJECT", "section", "title", "takes"), rows))


def workshop() -> None:
    """Prints the lessons by section, with the minutes of text and of exercises, and their sums."""
    rows: list[tuple[object, ...]] = []
    every = catalog.every()
    for section, group in itertools.groupby(every, key=lambda project: project.lesson.section):
        lessons = list(group)
        rows.append((section, "", *minutes(lessons)))
        rows += [("", project.name, *minutes([project])) for project in lessons]
    rows.append(("all sections", "", *minutes(every)))
    print(table(("section", "lesson", "text", "exercises", "minutes"), rows))
    print("docs/for-instructors.md: what to prepare, and answers to frequent questions")


def minutes(projects: list[Project]) -> tuple[int, int, int]:
    """The minutes that the texts of lessons take, their exercises, and both together."""
    text = sum(project.lesson.minutes for project in projects)
    practice = sum(exercise.minutes for project in projects for exercise in exercises(project))
    return text, practice, text + practice
