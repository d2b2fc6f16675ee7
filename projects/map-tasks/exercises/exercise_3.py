"""Exercise 3: a search that returns the errors of its trials, by a task that catches them."""

import pytest
from map_tasks import workflow

from runner.errors import Failure


@pytest.fixture
def errors_of(execute):
    """Returns the output of a search, or the error that it fails with."""

    def errors_of(**inputs) -> tuple[list[str], str]:
        try:
            (errors,) = execute("map_tasks.workflow:explained_search", inputs).values()
        except Failure as failure:
            return [], str(failure)
        return errors, ""

    return errors_of


def test_begun():
    assert hasattr(workflow, "explained_search"), "map_tasks/workflow.py has no explained_search"


def test_errors(errors_of):
    errors, failure = errors_of(regularizations=[0.1, 0.0, -2.0])
    reason = "a failed member returns nothing, so the task that is mapped must catch the error"
    assert not failure, f"the search fails; {reason}: {failure}"
    assert isinstance(errors, list) and len(errors) == 3, f"three trials need a list of three texts, not {errors}"
    assert errors[0] == "", f"the trial with 0.1 succeeds, but its text is {errors[0]!r}"
    silent = [value for value, text in zip(("0.0", "-2.0"), errors[1:], strict=True) if value not in text]
    assert not silent, f"scikit-learn's message names the value; the texts of {', '.join(silent)} do not: {errors[1:]}"


def test_other_errors_are_not_hidden(errors_of):
    _, failure = errors_of(regularizations=[0.1], measures=0)
    assert failure, "with measures 0 the search must fail: catch only what scikit-learn raises"
