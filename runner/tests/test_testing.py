"""A test on the image tier fails on what a task that succeeded warned of."""

import json
from dataclasses import asdict

import pytest

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
