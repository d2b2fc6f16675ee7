"""`make check`: how the exercises of a lesson stand, by their checks, which run in the lesson's environment."""

import json
import os
import tempfile
import textwrap
from collections.abc import Sequence
from pathlib import Path

from tools.core.reporting import table
from tools.core.variables import switch
from tools.images.bake import bake
from tools.images.engine import docker_problem
from tools.images.naming import images
from tools.lessons.catalog import Project, find_folder
from tools.lessons.chosen import chosen, chosen_or_all
from tools.lessons.exercises import Exercise, chosen_exercise, exercises
from tools.tiers import solved
from tools.tiers.command import prepare
from tools.tiers.pytest import pytest

DONE, BEGUN, UNTRIED = "done", "not yet", "not tried"
Result = dict[str, str]


def check() -> int:
    """Checks the exercises of a lesson; shows a hint or a solution, or brings the lesson's files back."""
    if switch("RESET"):
        solved.reset(find_folder(os.environ.get("PROJECT", "")))
        return 0
    if switch("HINT") or switch("SOLUTION"):
        exercise = chosen_exercise(chosen()) or solved.following(chosen())
        print(exercise.hint if switch("HINT") else exercise.solution)
        return 0
    return int(check_lesson(chosen()))


def check_lesson(project: Project) -> bool:
    """Prints how the exercises of a lesson stand; whether one that was begun, or that EXERCISE names, is not done."""
    one = chosen_exercise(project)
    asked = [one] if one else exercises(project)
    print(f"{project.name}: checking {f'exercise {one.number}' if one else f'{len(asked)} exercises'}", flush=True)
    found, states = checked(asked), set()
    for exercise in asked:
        result = with_past(exercise, found[exercise.number])
        state, missing = result["state"], result["missing"]
        states.add(state)
        print(f"  {exercise.number}  {state:9}  {exercise.title}")
        if missing and (state != UNTRIED or one):
            print(textwrap.indent(missing, " " * 16))
    open_ones = solved.open_ones(project)
    if one and found[one.number]["state"] != DONE:
        show(one)
    elif one and open_ones:
        print(f"make check PROJECT={project.name} shows the next one")
    elif open_ones:
        show(open_ones[0])
    elif states == {DONE}:
        print("all done; make progress shows the rest")
    return bool(states - ({DONE} if one else {DONE, UNTRIED}))


def with_past(exercise: Exercise, found: Result) -> Result:
    """What a check found, and whether the exercise was done before: it stays done when the lesson is restored."""
    if found["state"] == DONE:
        solved.keep(exercise)
        return found
    if not (kept := solved.kept(exercise)):
        return found
    before = f"done before: {kept}"
    if found["state"] == UNTRIED:
        return {"state": DONE, "missing": before}
    return {"state": found["state"], "missing": f"{before}\n{found['missing']}"}


def show(exercise: Exercise) -> None:
    """Prints the text of an exercise, and how to go on."""
    needs = f", needs {exercise.needs}" if exercise.needs else ""
    print(f"\nexercise {exercise.number}: {exercise.title} ({exercise.minutes} minutes{needs})\n")
    print(textwrap.indent(exercise.text, "  "))
    print(f"\nmake check PROJECT={exercise.project.name} EXERCISE={exercise.number} checks it; HINT=1 shows a hint")


def checked(asked: Sequence[Exercise]) -> dict[int, Result]:
    """How exercises of one lesson stand, by number.

    The check of an exercise for Docker first says on the local tier whether the exercise was begun: only then it needs
    the lesson's images.
    """
    results = run_checks([exercise for exercise in asked if not exercise.needs])
    others = [exercise for exercise in asked if exercise.needs]
    results |= run_checks(others, "-k", "begun")
    begun = [exercise for exercise in others if results[exercise.number]["state"] == DONE]
    if begun and (problem := docker_problem()):
        return results | {exercise.number: {"state": BEGUN, "missing": problem} for exercise in begun}
    if begun:
        bake(begun[0].project.image_names)
    return results | run_checks(begun, "--tier", "image")


def run_checks(asked: Sequence[Exercise], *options: str) -> dict[int, Result]:
    """Runs checks by pytest in the environment of their lesson."""
    if not asked:
        return {}
    project = asked[0].project
    prepare(project)
    plugins = ["-p", "runner.testing", "-p", "runner.exercises", "--assert=plain"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "results.json"
        words = [*plugins, "--results", str(file), "--images", images(project), *options]
        pytest(project.environment, project.folder, *words, *(str(exercise.check) for exercise in asked))
        found = json.loads(file.read_text()) if file.exists() else {}
    broken = {"state": "broken", "missing": "the check ended without a result"}
    return {exercise.number: found.get(str(exercise.number), broken) for exercise in asked}


def progress() -> None:
    """Prints for each lesson how many of its exercises have passed their checks on this machine."""
    rows, done, count = [], 0, 0
    for project in chosen_or_all():
        every, open_ones = exercises(project), solved.open_ones(project)
        of_lesson = len(every) - len(open_ones)
        done, count = done + of_lesson, count + len(every)
        following = f"{open_ones[0].number}: {open_ones[0].title}" if open_ones else ""
        rows.append((project.name, f"{of_lesson} of {len(every)}", following))
    print(table(("lesson", "done", "next exercise"), rows))
    print(f"{done} of {count} exercises are done; make check PROJECT=<lesson> checks them and shows the next one")
