"""Exercise 1: how many different trees two forests have, by the streams of the tasks that grow them."""

import pytest

EXPECTED = {
    "seed_and_part": (120, "a stream for each of the six pairs of a seed and a part"),
    "seed_alone": (40, "the three parts of one forest share a stream"),
    "seed_plus_part": (80, "42 + 1 is 43 + 0: how many different sums are there?"),
}


def test_begun(answer):
    assert any(map(str, answer.values())), "exercises/answers.toml has no numbers for exercise_1"


@pytest.mark.parametrize("name", EXPECTED)
def test_number(answer, name):
    found, (expected, reason) = str(answer[name]).strip(), EXPECTED[name]
    assert found, f"exercises/answers.toml has no {name} for exercise_1"
    assert found == str(expected), f"{name} is not {found}: {reason}"
