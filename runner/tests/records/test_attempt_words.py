"""Attempts in words: the user's retries and the system's are counted separately."""

import pytest

from runner.records.attempts import SYSTEM, attempts_made, place
from runner.records.errors import how_it_ended
from runner.records.record import TaskRun


@pytest.mark.parametrize(
    ("number", "retries", "system", "words"),
    [
        (1, 2, 0, "attempt 1, retries=2"),
        (1, None, 0, "attempt 1"),
        (4, 0, 3, "attempt 4 of 4: 3 system retries, retries=0"),
        (4, None, 3, "attempt 4 of 4: 3 system retries"),
        (3, 1, 1, "attempt 3 of 3: 1 retry of its own and 1 system retry, retries=1"),
    ],
)
def test_the_retries_before_an_attempt(number, retries, system, words):
    assert attempts_made(number, retries, system) == words


def test_the_place_of_an_attempt_among_those_of_its_call():
    tasks = [TaskRun("a", {}, id="n0", attempt=number, status=SYSTEM) for number in range(2)]
    tasks += [TaskRun("b", {}, id="n1"), TaskRun("a", {}, id="n0", attempt=2)]
    assert [place(task, tasks) for task in tasks] == [
        "attempt 1 of 3",
        "attempt 2 of 3: 1 system retry",
        "",
        "attempt 3 of 3: 2 system retries",
    ]


@pytest.mark.parametrize("status", [-9, 137, 247])
def test_a_process_that_was_killed_is_told_alike_wherever_it_ran(status):
    log = 'round 3\n{"asctime": "2026-11-29", "name": "flytekit", "message": "Unclosed client session"}\n'
    assert how_it_ended(status, log) == "it ended with exit status 137 (killed) and no result: round 3"
    assert how_it_ended(3, "") == "it ended with exit status 3 and no result: its log says no more"
