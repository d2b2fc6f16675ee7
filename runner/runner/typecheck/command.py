"""`make typecheck`: one line for each finding; exit status 1 if there is one."""

from pathlib import Path
from typing import Any

from runner.lesson import Lesson
from runner.typecheck.lesson import check_package
from runner.typecheck.lines import note_lines
from runner.typecheck.package import Package


def main(lesson: Lesson, _out: Path, _facts: Any, name: str = "") -> int:
    """Checks the lesson's package, or another package in its folder."""
    package = Package.of(lesson, name)
    note_lines(package.owns)
    report = check_package(package, lesson.images)
    for line, text in (*report.found, *report.unchecked):
        print(f"{line}: {text}")
    print(f"{lesson.name}: {report.summary()}")
    return int(bool(report.found))
