"""The exercises of a lesson: the texts in its README, and beside them a check, a hint and a solution each.

A text is an item of the list under "## Exercises": `1. **Title** (10 minutes). What to do.` An exercise that needs
more than the local tier says so first: `2. **Docker: Title** (15 minutes). …`
"""

import os
import re
import textwrap
from pathlib import Path

import msgspec

from tools.core.errors import Stop
from tools.core.files import shown, text_of
from tools.lessons.catalog import Project

SECTION = re.compile(r"^## Exercises\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ITEM = re.compile(r"^\d+\. .*?(?=^\d+\. |\Z)", re.MULTILINE | re.DOTALL)
HEAD = re.compile(r"(\d+)\. \*\*(?:(Docker): )?([^*]+)\*\* \((\d+) minutes?\)\. ", re.DOTALL)


class Exercise(msgspec.Struct, frozen=True):
    """One exercise of a lesson; `needs` is "Docker", or empty for the local tier; `item` is how the README has it."""

    project: Project
    number: int
    needs: str
    title: str
    minutes: int
    text: str
    item: str

    def file(self, ending: str) -> Path:
        """Its check (.py), its hint (.md) or its solution (.patch)."""
        return self.project.folder / "exercises" / f"exercise_{self.number}{ending}"

    @property
    def check(self) -> Path:
        return self.file(".py")

    @property
    def hint(self) -> str:
        return text_of(self.file(".md")).strip()

    @property
    def solution(self) -> str:
        """A sentence on why, and the difference to the lesson as `git apply` reads it."""
        return text_of(self.file(".patch"))

    @property
    def wrong(self) -> list[Path]:
        """Wrong answers, each a difference below the line that a learner gets for it."""
        return sorted(self.check.parent.glob(f"exercise_{self.number}.wrong*.patch"))


def exercises(project: Project) -> list[Exercise]:
    """The exercises of a lesson, in order.

    Raises:
        Stop: the README's list cannot be read.
    """
    readme = project.folder / "README.md"
    section = SECTION.search(text_of(readme)) if readme.exists() else None
    found = [exercise(project, item[0]) for item in ITEM.finditer(section[1])] if section else []
    if [each.number for each in found] != list(range(1, len(found) + 1)):
        raise Stop(f"{shown(readme)}: number the exercises 1, 2, 3 and so on")
    return found


def exercise(project: Project, item: str) -> Exercise:
    """An exercise from an item of the README's list."""
    head = HEAD.match(item)
    if not head:
        begin = " ".join(item.split())[:60]
        form = "1. **Title** (10 minutes). Text"
        raise Stop(f"{shown(project.folder / 'README.md')}: write the exercise {begin!r} as {form!r}")
    text = textwrap.dedent(" " * 3 + item[head.end() :]).strip()
    title = " ".join(head[3].split())
    return Exercise(project, int(head[1]), head[2] or "", title, int(head[4]), text, item)


def chosen_exercise(project: Project) -> Exercise | None:
    """The exercise that EXERCISE names; None if it names none."""
    name, found = os.environ.get("EXERCISE", ""), exercises(project)
    if not name:
        return None
    if name not in map(str, range(1, len(found) + 1)):
        raise Stop(f"EXERCISE is {name!r}; {project.name} has the exercises 1 to {len(found)}")
    return found[int(name) - 1]
