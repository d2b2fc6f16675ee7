"""`make test UPGRADE='flytekit*'`: a table of which lessons pass with the newest releases, and the error of each other.

Each lesson is locked and tested alone, in a copy of the repository: a release that breaks one lesson hides no other
lesson, and the committed locks stay.
"""

import os
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tools.core import side_by_side
from tools.core.errors import Stop
from tools.core.paths import ROOT
from tools.core.reporting import both_ends, last_line, table
from tools.environments.pins import pins
from tools.lessons.bases import BASES
from tools.lessons.catalog import Project
from tools.tiers.copies import copied, make

HEADER = ("lesson", "flytekit", "result")
# The lines that name an error, the most precise kind first: a test in pytest's summary, an error in a file that pytest
# imports, a finding of `make typecheck`.
ERRORS = (r"^(?:FAILED|ERROR) (.+ - .+)", r"^E +(\S.*)", r"^(\S+\.py:\d+: .+)")


def test_newest(projects: list[Project], upgrade: str) -> None:
    """Prints the table, on GitHub also to the summary of the job; raises Stop with the lessons that break."""
    with copied() as folder:
        for lock in (base.lock for base in BASES.values() if base.lock):
            # A lesson needs the versions of its base image. No image is built here, so the lesson alone decides.
            (folder / lock.relative_to(ROOT)).write_text("")
        works = {project.name: partial(test_lesson, project, folder, upgrade) for project in projects}
        failed = side_by_side.failed(works, "newest releases:")
        rows = [row(project, folder) for project in projects]
    print("\n" + table(HEADER, rows), flush=True)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with open(summary, "a", encoding="utf-8") as file:
            file.write(markdown(rows))
    if failed:
        raise Stop(f"tests failed with UPGRADE={upgrade!r}: {', '.join(failed)}")


def test_lesson(project: Project, folder: Path, upgrade: str) -> int:
    """Upgrades the locks of one lesson in a copy of the repository, and tests the lesson there."""
    for target, pattern in (("lock", upgrade), ("test", "")):
        # pytest shortens errors to the width of the terminal, but not in CI. FORCE_COLOR would hide them in codes.
        answer = make(folder, target, PROJECT=project.name, UPGRADE=pattern, CI="true", PY_COLORS="0")
        output = answer.stdout + answer.stderr
        print(output, flush=True)
        if answer.returncode:
            result_file(project, folder).write_text(first_error(output), encoding="utf-8")
            return 1
    result_file(project, folder).write_text("passed", encoding="utf-8")
    return 0


def result_file(project: Project, folder: Path) -> Path:
    return folder / f"{project.name}.result"


def first_error(output: str) -> str:
    """The first error in the output of a target, in one line; without any, the last line."""
    found = next((match[1] for pattern in ERRORS if (match := re.search(pattern, output, re.MULTILINE))), "")
    return both_ends(found or last_line(output), 160, 60)


def row(project: Project, folder: Path) -> tuple[str, str, str]:
    """A lesson, the version that its requirements name, and how its tests ended."""
    file = result_file(project, folder)
    version = dict(pins(folder / project.folder.relative_to(ROOT) / "requirements.in")).get("flytekit", "")
    return project.name, version, file.read_text(encoding="utf-8") if file.exists() else "ended without a result"


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """The table for a page of GitHub; an error is code, so that none of its characters is formatting."""
    lines = ["", "| " + " | ".join(HEADER) + " |", "|---" * len(HEADER) + "|"]
    for lesson, version, result in rows:
        code = result if result == "passed" else "`" + result.replace("`", "'").replace("|", r"\|") + "`"
        lines.append(f"| {lesson} | {version} | {code} |")
    return "\n".join(lines) + "\n"
