"""`make check`, `make progress` and `make workshop`, as a learner calls them in a clone."""

import re
import subprocess
from pathlib import Path

import pytest
from repositories import Repository

from tools.lessons import catalog
from tools.lessons.exercises import exercises

LESSON = "projects/flyte-basics"
WORKFLOW = f"{LESSON}/flyte_basics/workflow.py"


@pytest.fixture(scope="module")
def root(clone_with_uv) -> Path:
    """A clone with its history's first commit."""
    Repository(clone_with_uv).begin()
    return clone_with_uv


@pytest.fixture(scope="module")
def check(root, make):
    """Runs `make check` for a lesson; returns the exit status of the target and what it prints."""

    def check(*words: str) -> tuple[int, str]:
        answer = make("check", "PROJECT=flyte-basics", *words, root=root)
        return answer.returncode, answer.stdout + answer.stderr

    return check


@pytest.fixture
def patched(root):
    """Applies a patch of the lesson's exercises; afterwards the lesson is as it was committed."""
    yield lambda name: subprocess.run(["git", "apply", f"{LESSON}/exercises/{name}"], cwd=root, check=True)
    subprocess.run(["git", "checkout", "-q", "--", LESSON], cwd=root, check=True)


def states(text: str) -> list[str]:
    return re.findall(r"^  \d+  (done|not yet|not tried|broken) ", text, re.MULTILINE)


def test_as_committed_no_exercise_is_tried_and_the_first_one_is_shown(check):
    status, text = check()
    assert (status, states(text)) == (0, ["not tried"] * 4)
    assert "exercise 1: A shorter training (8 minutes)" in text
    assert "Add an input `max_iter`" in text


def test_a_wrong_answer_is_told_what_is_missing(check, patched):
    patched("exercise_1.wrong2.patch")
    status, text = check("EXERCISE=1")
    assert (status, states(text)) == (2, ["not yet"])
    assert "pass the input on to LogisticRegression" in text


def test_a_solved_exercise_is_remembered_after_the_lesson_is_restored(check, patched, root, make):
    patched("exercise_1.patch")
    status, text = check()
    assert (status, states(text)) == (0, ["done", *["not tried"] * 3])
    assert "exercise 2: The confusion matrix" in text
    (root / LESSON / "mine.txt").write_text("notes")
    status, text = check("RESET=1")
    assert status == 0, text
    (kept,) = (root / "out" / "exercises" / "flyte-basics").glob("reset-*")
    assert (kept / LESSON / "mine.txt").read_text() == "notes"
    assert "max_iter: int = 5000" in (kept / WORKFLOW).read_text()
    changed = subprocess.run(["git", "status", "--porcelain", LESSON], cwd=root, capture_output=True, text=True)
    assert changed.stdout == ""
    status, text = check()
    assert (status, states(text)) == (0, ["done", *["not tried"] * 3])
    assert "done before: out/exercises/flyte-basics/1" in text
    assert "exercise 2: The confusion matrix" in text
    patched("exercise_1.wrong2.patch")
    status, text = check()
    assert (status, states(text)) == (2, ["not yet", *["not tried"] * 3])
    assert "done before: out/exercises/flyte-basics/1" in text
    assert "exercise 2: The confusion matrix" in text
    progress = make("progress", root=root).stdout
    assert re.search(r"^flyte-basics +1 of 4 +2: The confusion matrix$", progress, re.MULTILINE)
    assert "make HINT" not in progress
    assert check("HINT=1")[1] == (root / LESSON / "exercises" / "exercise_2.md").read_text()


def test_a_lesson_that_cannot_be_imported_is_told_in_each_exercise(check, patched, root):
    with open(root / WORKFLOW, "a") as file:
        file.write("def broken(:\n")
    status, text = check()
    assert (status, states(text)) == (2, ["not yet"] * 4)
    assert "workflow.py" in text
    assert "Traceback" not in text


def test_a_lesson_whose_facts_cannot_be_read_is_restored_too(check, root):
    facts = root / LESSON / "lesson.toml"
    before = facts.read_text()
    facts.write_text(before[:100])
    status, text = check("RESET=1")
    assert status == 0, text
    assert facts.read_text() == before


def test_a_solution_is_a_patch_with_a_sentence_before_it(check, root):
    text = check("EXERCISE=4", "SOLUTION=1")[1]
    assert not text.startswith("diff ")
    applied = subprocess.run(["git", "apply", "--check", "-"], input=text, cwd=root, text=True, capture_output=True)
    assert applied.returncode == 0, applied.stderr


@pytest.mark.parametrize("number", ["0", "5", "one", "1.0"])
def test_an_exercise_that_is_not_there_is_refused(number, check):
    status, text = check(f"EXERCISE={number}")
    assert status == 2
    assert f"EXERCISE is '{number}'; flyte-basics has the exercises 1 to 4" in text


def test_the_schedule_adds_up(make):
    rows = [re.findall(r"\d+", line) for line in make("workshop").stdout.splitlines()]
    lessons = [tuple(map(int, row)) for row in rows if len(row) == 3]
    assert all(text + practice == total for text, practice, total in lessons)
    expected = sum(exercise.minutes for project in catalog.every() for exercise in exercises(project))
    assert lessons[-1][1] == expected


@pytest.mark.parametrize("item", ["1. Do it.", "1. **Title**. Do it.", "2. **Title** (5 minutes). Do it."])
def test_a_list_that_cannot_be_read_is_reported_with_its_file(item, projects, stopped):
    (projects / "sql" / "README.md").write_text(f"# SQL\n\n## Exercises\n\n{item}\n")
    assert "README.md" in stopped(exercises, catalog.find("sql"))


FAULTS = [
    ("exercise_1.py", "def test_begun():\n    pass\n", "exercise 1 as committed: done"),
    ("exercise_2.py", "def test_begun():\n    missing()\n", "exercise 2 as committed: not yet: NameError"),
    ("exercise_3.md", "", "exercise 3 needs a hint"),
    ("exercise_4.patch", "Why.\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", "does not apply"),
]
# pytest runs no check beside one that it cannot import.
UNREADABLE = [("exercise_3.py", "import missing\n", "exercise 3 as committed: broken: ModuleNotFoundError")]


@pytest.mark.parametrize("faults", [FAULTS, UNREADABLE], ids=["run", "not imported"])
def test_each_faulty_exercise_is_reported(faults, root, make, patched):
    for file, text, _ in faults:
        (root / LESSON / "exercises" / file).write_text(text)
    answer = make("test-exercises", "PROJECT=flyte-basics", "QUICK=1", root=root)
    assert answer.returncode == 2
    assert [reported for _, _, reported in faults if reported not in answer.stdout] == [], answer.stdout


def test_colours_hide_no_test_that_passed(check, patched, monkeypatch):
    """As in CI, where FORCE_COLOR is often set: the check of this exercise reads what pytest prints."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    patched("exercise_4.patch")
    assert states(check("EXERCISE=4")[1]) == ["done"]
