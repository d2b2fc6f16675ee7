"""The lesson's figures, and what the README says about it."""

import pytest
from new_lesson import workflow
from workshop.testing import assert_outputs


def test_case(case, execute):
    assert_outputs(execute(case.inputs), case.outputs)


def test_a_year_without_penguins_is_refused():
    with pytest.raises(ValueError, match="empty"):
        workflow.heaviest_species(year=1900)
