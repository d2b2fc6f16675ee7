"""How the cases of a lesson are run: inputs as `make run` reads them, and warnings on the image tier."""

import json
import re
import subprocess
import sys
from dataclasses import asdict

import pytest
from lessons import lesson_in

from runner.harness.calls import Attempt
from runner.testing import assert_complaints, complaints


@pytest.fixture
def log(tmp_path):
    """Writes the log of an attempt that ended as `outcome` says."""

    def log(text: str, outcome: str = "succeeded") -> None:
        folder = tmp_path / "n0" / "attempt-0"
        folder.mkdir(parents=True)
        (folder / "attempt.json").write_text(json.dumps(asdict(Attempt("n0", "train", 0, outcome))))
        (folder / "log.txt").write_text(text)

    return log


@pytest.mark.parametrize(
    "line",
    [
        "26/11/23 23:15:56 ERROR StatusLogger Could not determine local host name",
        '{"name": "flytekit", "levelname": "WARNING", "message": "old"}',
        "/app/lesson.py:3: FutureWarning: it will be gone",
        "Traceback (most recent call last):",
    ],
)
def test_a_warning_or_an_error_is_found(line, log, tmp_path):
    log(f"epoch 1\n{line}\nepoch 2\n")
    assert complaints(tmp_path) == [line]


@pytest.mark.parametrize("line", ["", "test error 0.25", "no warnings", "WARN NativeCodeLoader: Unable to load it"])
def test_other_lines_are_not(line, log, tmp_path):
    log(f"{line}\n")
    assert complaints(tmp_path) == []


def test_an_attempt_that_failed_has_to_say_why(log, tmp_path):
    log("Traceback (most recent call last):\n", outcome="recoverable")
    assert complaints(tmp_path) == []


def test_a_case_warns_of_what_it_says_and_of_nothing_else():
    assert_complaints([], "")
    assert_complaints(["WARNING: 3 rows"], "[0-9] rows")
    for found, warns in ((["WARNING: 3 rows"], ""), (["WARNING: 3 rows", "WARNING: old"], "rows"), ([], "rows")):
        with pytest.raises(AssertionError):
            assert_complaints(found, warns)


CODE = """
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from pathlib import Path

from flytekit import task, workflow
from flytekit.types.file import FlyteFile

class Scale(Enum):
    RANGE = "range"

@dataclass
class Plan:
    scale: Scale
    until: date

@task
def told(plan: Plan, span: timedelta, scale: Scale, words: FlyteFile, ratio: float) -> str:
    return f"{plan.scale.name} {plan.until:%A} {span} {scale.name} {Path(words).read_text()} {ratio}"

@workflow
def wf(plan: Plan, span: timedelta, scale: Scale, words: FlyteFile, ratio: float = 0.5) -> str:
    return told(plan=plan, span=span, scale=scale, words=words, ratio=ratio)

@workflow
def of_file(words: FlyteFile) -> FlyteFile:
    return words
"""
INPUTS = """
[inputs]
plan = { scale = "range", until = 2024-12-31 }
span = "1:30:00"
scale = "range"
words = "made_lesson/words.txt"
"""
CASES = """
outputs = { o0 = "RANGE Tuesday 1:30:00 RANGE a b 0.5" }

[[cases]]
name = "an integer for a fraction"
inputs = { ratio = 2, span = "2 days" }
outputs = { o0 = "RANGE Tuesday 2 days, 0:00:00 RANGE a b 2.0" }

[[cases]]
name = "another workflow, which has other inputs"
entry_point = "made_lesson.workflow:of_file"
inputs = { words = "made_lesson/words.txt" }

[[cases]]
name = "what does not fit"
inputs = { scale = "log" }

[[cases]]
name = "nothing"
entry_point = "made_lesson.workflow:of_file"
"""


def test_the_inputs_of_a_case_are_read_as_make_run_reads_them(tmp_path):
    lesson = lesson_in(tmp_path, CODE, inputs=INPUTS)
    (lesson / "made_lesson" / "words.txt").write_text("a b")
    with (lesson / "lesson.toml").open("a") as file:
        file.write(CASES)
    (lesson / "tests").mkdir()
    (lesson / "tests" / "conftest.py").write_text('pytest_plugins = ["runner.testing"]\n')
    (lesson / "tests" / "test_made.py").write_text("def test_case(case, check):\n    check(case)\n")
    code = f"import sys; sys.path += {[str(lesson), *sys.path]!r}; import pytest; sys.exit(pytest.main())"
    words = ["-q", "-rA", "-p", "no:cacheprovider", str(lesson / "tests")]
    tested = subprocess.run([sys.executable, "-c", code, *words], cwd=tmp_path, capture_output=True, text=True)
    told = dict(re.findall(r"^(?:PASSED|FAILED) \S+::test_case\[(.*?)\](?: - (Failed))?", tested.stdout, re.MULTILINE))
    assert told == {
        "x": "",
        "an integer for a fraction": "",
        "another workflow, which has other inputs": "",
        "what does not fit": "Failed",
        "nothing": "Failed",
    }, tested.stdout + tested.stderr
    toml = "projects/made/lesson.toml case"
    assert f"\n{toml} 'what does not fit': scale: 'log' is not one of range\n" in tested.stdout
    assert f"\n{toml} 'nothing': the input words is missing\n" in tested.stdout
    assert "warning" not in tested.stdout
