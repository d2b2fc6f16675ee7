"""What a learner has changed in a lesson: kept when an exercise is done, and before the lesson's files come back."""

import tempfile
import time
from pathlib import Path

from tools.core import git
from tools.core.errors import Stop
from tools.core.files import copy, shown
from tools.core.paths import OUT, ROOT
from tools.lessons.catalog import Project
from tools.lessons.exercises import Exercise, exercises

KEPT = OUT / "exercises"


def changed(lesson: Path) -> list[Path]:
    """The files in a lesson's folder that differ from the last commit, and those that git does not know yet.

    None of them if there is no commit to compare with. A git repository in the lesson's folder is not ours: git leaves
    such a folder, which it lists with a slash, as it is.
    """
    if not git.answer("rev-parse", "HEAD"):
        return []
    names = git.listed("diff", "--name-only", "--relative", "--diff-filter=d", "HEAD", "--", str(lesson))
    names |= git.listed("ls-files", "--others", "--exclude-standard", "--", str(lesson))
    return [ROOT / name for name in names if not name.endswith("/")]


def replace(folder: Path, files: list[Path]) -> None:
    """Makes a folder hold copies of files of the repository, in the place of what is there; all or nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as partial:
        made = Path(partial) / folder.name
        made.mkdir()
        copy(files, made)
        if folder.exists():
            folder.rename(Path(partial) / "before")
        made.rename(folder)


def keep(exercise: Exercise) -> None:
    """Remembers that an exercise is done, with the files that passed its check."""
    replace(place_of(exercise), changed(exercise.project.folder))


def place_of(exercise: Exercise) -> Path:
    return KEPT / exercise.project.name / str(exercise.number)


def kept(exercise: Exercise) -> str:
    """The folder with the files that passed the check of an exercise; empty if none have."""
    place = place_of(exercise)
    return shown(place) if place.is_dir() else ""


def open_ones(project: Project) -> list[Exercise]:
    """The exercises of a lesson that have not passed their checks yet."""
    return [exercise for exercise in exercises(project) if not kept(exercise)]


def following(project: Project) -> Exercise:
    """The first exercise of a lesson that is not done, or the first one if all are."""
    every = exercises(project)
    if not every:
        raise Stop(f"{project.name} has no exercises")
    return next(iter(open_ones(project)), every[0])


def reset(lesson: Path) -> None:
    """Brings the files of a lesson back to the last commit, after it has copied what was changed: whatever it holds."""
    git.ask("rev-parse", "HEAD")
    files, folder = changed(lesson), str(lesson)
    place = KEPT / lesson.name / time.strftime("reset-%Y%m%d-%H%M%S")
    if not git.ask("status", "--porcelain", "--", folder):
        print(f"{shown(lesson)} is as it was committed")
        return
    replace(place, files)
    git.ask("restore", "--source=HEAD", "--staged", "--worktree", "--", folder)
    git.ask("clean", "--force", "-d", "--quiet", "--", folder)
    print(f"{shown(lesson)} is as it was committed; your files are in {shown(place)}")
