"""`make typecheck`: one line for each finding; exit status 1 if there is one."""

from pathlib import Path
from typing import Any

from runner.lesson import Lesson
from runner.typecheck import lines
from runner.typecheck.lesson import check_package


def main(lesson: Lesson, _out: Path, _facts: Any, package: str = "") -> int:
    """Checks the lesson's package, or another one in its folder."""
    lines.note_lines()
    report = check_package(package or lesson.package, lesson.images)
    for line, text in report.found:
        print(f"{line}: {text}")
    print(f"{lesson.name}: {report.summary()}")
    return int(bool(report.found))
