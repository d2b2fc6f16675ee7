"""Exercise 1: run_trial has as many retries as its failures need, and no more."""

import pytest
from recovering_executions import workflow


@pytest.fixture
def attempts(recorded):
    """Runs one trial that fails in its first attempts; returns the status of each of its attempts."""

    def attempts(failures: int) -> list[str]:
        run = recorded(workflow.search, regularizations=[1.0], failures=[failures])
        return [task.status for task in run.record.tasks if task.name == "run_trial"]

    return attempts


def test_begun():
    assert workflow.run_trial.metadata.retries != 2, "run_trial still has 2 retries"


def test_enough(attempts):
    found = attempts(4)
    assert found[-1:] == ["succeeded"], f"a trial that fails in 4 attempts still fails, after {len(found)} attempts"


def test_no_more(attempts):
    found = attempts(5)
    assert found == ["recoverable"] * 5, (
        f"a trial that fails in 5 attempts got {len(found)} attempts, the last one {found[-1]}: one retry too many"
    )
