"""Tests the figures of the lesson and of its README."""

import pytest
from new_lesson import workflow


def test_case(case, check):
    check(case)


def test_a_year_without_penguins_is_refused():
    with pytest.raises(ValueError, match="empty"):
        workflow.heaviest_species(year=1900)
