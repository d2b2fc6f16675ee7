"""Runs the cases of lesson.toml on the tier in hand."""


def test_case(case, check):
    check(case)
