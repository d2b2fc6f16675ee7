"""What a learner reads of a check that failed: at most two lines, which keep the next step."""

import pytest

from runner.errors import Stop
from runner.exercises import BEGUN, LONGEST, answer_in, result

LONG = "the table does not fit " * 40


def missing(reason: object) -> str:
    return result(BEGUN, reason)["missing"]


def test_a_long_line_keeps_its_begin_and_its_next_step():
    for reason in (AssertionError(f"no rows: {LONG}; check PENGUINS_DB"), f"no rows: {LONG}; check PENGUINS_DB"):
        line = missing(reason)
        assert line.startswith("no rows: the table")
        assert line.endswith("; check PENGUINS_DB")
        assert " … " in line
        assert len(line) <= LONGEST


def test_an_error_keeps_its_last_line():
    line = missing(ValueError(f"Failed to generate version.\n{LONG}\nset Cache(version='v1.2.3')"))
    assert line.startswith("ValueError: Failed to generate version. the table")
    assert line.endswith("set Cache(version='v1.2.3')")


def test_of_two_lines_each_is_a_line():
    assert missing(AssertionError("one\ntwo\nthree")) == "one\ntwo"


def test_no_log_is_named_that_goes_with_the_check():
    error = RuntimeError("task a (node n1) failed in 1 attempt: no (log: /tmp/lesson-x/nodes/n1/attempt-0/log.txt)")
    assert missing(error) == "RuntimeError: task a (node n1) failed in 1 attempt: no"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[exercise_1]\nword = x", r"answers.toml cannot be read: .*line 2.*; correct it"),
        (None, r"answers.toml cannot be read: .*No such file"),
        ("[exercise_2]", r"answers.toml has no line \[exercise_1\]; add it"),
    ],
)
def test_answers_that_cannot_be_read_are_told_with_their_file(tmp_path, text, words):
    file = tmp_path / "answers.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(Stop, match=words):
        answer_in(file, "exercise_1")
