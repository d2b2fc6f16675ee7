"""`make clear-cache`: forgets the cached results of a lesson; records and data of runs stay."""

from pathlib import Path

from runner.harness.cache import forget
from runner.lesson import Lesson


def main(lesson: Lesson, out: Path) -> int:
    print(forget(out / lesson.name / ".cache"))
    return 0
