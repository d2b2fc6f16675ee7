"""`make workshop`: the schedule of a workshop with all lessons."""

from tools.core.reporting import table
from tools.lessons import catalog
from tools.lessons.exercises import exercises


def workshop() -> None:
    """Prints the lessons by section, with the minutes of text and of exercises, and their sums."""
    rows, section, text, practice = [], "", 0, 0
    for project in catalog.every():
        lesson = project.lesson
        minutes = sum(exercise.minutes for exercise in exercises(project))
        rows.append((lesson.section if lesson.section != section else "", project.name, lesson.minutes, minutes))
        section, text, practice = lesson.section, text + lesson.minutes, practice + minutes
    rows.append(("all", "", text, practice))
    print(table(("section", "lesson", "text (min)", "exercises (min)"), rows))
