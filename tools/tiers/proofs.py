"""`make test-exercises`: each exercise fails as committed, gets the right line for a wrong answer, passes when solved.

QUICK=1: each exercise fails as committed, and its patches apply.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tools.core import git, side_by_side
from tools.core.errors import Stop
from tools.core.files import shown
from tools.core.paths import ROOT
from tools.core.reporting import reported
from tools.core.variables import clean_environment, switch
from tools.environments.known import DEV
from tools.images.engine import docker_problem
from tools.lessons.catalog import Project
from tools.lessons.chosen import chosen_or_all
from tools.lessons.exercises import Exercise, chosen_exercise, exercises
from tools.tiers.copies import copied, make
from tools.tiers.exercises import BEGUN, UNTRIED, checked


def test_exercises() -> None:
    """Proves the exercises of every lesson, or of the one that PROJECT names."""
    suites = {project.name: partial(prove_lesson, project) for project in chosen_or_all()}
    if not switch("QUICK"):
        git.ask("rev-parse", "--git-dir")  # which says what belongs into a copy
    DEV.ensure()
    if failed := side_by_side.failed(suites, "exercises of"):
        raise Stop(f"exercises failed: {', '.join(failed)}")


def prove_lesson(project: Project) -> int:
    """Proves the exercises of one lesson; prints what is wrong and returns the exit status."""
    one = chosen_exercise(project)
    every = [one] if one else exercises(project)
    wrong = reported(as_committed(every))
    if switch("QUICK"):
        return int(wrong)
    with copied() as folder:
        for exercise in every:
            if exercise.needs and (problem := docker_problem()):
                print(f"{named(exercise)}: not proved: {problem}")
            elif reported([*of_wrong_answers(exercise, folder), *of_solution(exercise, folder)]):
                wrong = True
            else:
                print(f"{named(exercise)}: proved", flush=True)
    return int(wrong)


def as_committed(every: list[Exercise]) -> list[str]:
    """Each exercise has a hint and a solution, and is not tried: its check says what is missing, and does not crash."""
    results, wrong = checked(every), []
    for exercise in every:
        found = results[exercise.number]
        if found["state"] != UNTRIED or not found["missing"] or "Error: " in found["missing"]:
            wrong.append(f"{named(exercise)} as committed: {found['state']}: {found['missing']}")
        if not exercise.hint or exercise.solution.startswith("diff "):
            wrong.append(f"{named(exercise)} needs a hint, and a sentence on why before its solution")
        for patch in (exercise.file(".patch"), *exercise.wrong):
            if refused := git_apply(patch, ROOT, "--check"):
                wrong.append(refused)
    return wrong


def of_wrong_answers(exercise: Exercise, folder: Path) -> Iterator[str]:
    """A wrong answer gets the line that its file begins with."""
    for patch in exercise.wrong:
        line = patch.read_text(encoding="utf-8").partition("\n")[0]
        with applied(patch, folder):
            answer = make(folder, "check", **variables(exercise))
        if not answer.returncode or BEGUN not in answer.stdout or line not in answer.stdout:
            yield f"{named(exercise)} with {patch.name}:\n{answer.stdout}{answer.stderr}"


def of_solution(exercise: Exercise, folder: Path) -> Iterator[str]:
    """With its solution the exercise is done, the code is formatted, and the tests of the lesson still pass."""
    with applied(exercise.file(".patch"), folder):
        ruff, lesson = DEV.ensure().folder / "bin" / "ruff", f"projects/{exercise.project.name}"
        for command in ([ruff, "check", "-q", lesson], [ruff, "format", "--check", "-q", lesson]):
            if subprocess.run(command, cwd=folder).returncode:
                yield f"{named(exercise)} solved: ruff {command[1]} fails, see above"
        for target in ("check", "test"):
            answer = make(folder, target, **variables(exercise))
            if answer.returncode:
                yield f"{named(exercise)} solved: make {target} fails:\n{answer.stdout}{answer.stderr}"


@contextmanager
def applied(patch: Path, folder: Path) -> Iterator[None]:
    """Applies a patch to a copy of the repository, and takes it back."""
    if refused := git_apply(patch, folder):
        raise Stop(refused)
    yield
    if refused := git_apply(patch, folder, "--reverse"):
        raise Stop(f"a check or a test has changed a file of the lesson: {refused}")


def git_apply(patch: Path, folder: Path, *words: str) -> str:
    """Applies a patch in a folder; returns why it cannot be applied."""
    command = ["git", "apply", *words, str(patch)]
    answer = subprocess.run(command, cwd=folder, env=clean_environment(), capture_output=True, text=True)
    return f"{shown(patch)} does not apply: {answer.stderr.splitlines()[0]}" if answer.returncode else ""


def named(exercise: Exercise) -> str:
    return f"{exercise.project.name} exercise {exercise.number}"


def variables(exercise: Exercise) -> dict[str, str]:
    """The variables by which a make target finds an exercise."""
    return {"PROJECT": exercise.project.name, "EXERCISE": str(exercise.number)}
