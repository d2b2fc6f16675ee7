"""The lesson's figures, and what the README says about it."""

import pytest
from checkpointing_lesson import workflow


def test_case(case, check):
    check(case)


def test_a_year_without_penguins_is_refused():
    with pytest.raises(ValueError, match="empty"):
        workflow.heaviest_species(year=1900)
