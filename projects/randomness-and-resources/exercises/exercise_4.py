"""Exercise 4: judge_sized refuses what needs more memory than a node has."""

import pandas as pd
import pytest
from randomness_and_resources import workflow

# With 69 penguins, a resample needs 690 bytes. MOST resamples need almost 1 GiB, 1023Mi, and MORE need 1025Mi.
MOST, MORE = 724 * 2**20 // 690, 725 * 2**20 // 690 + 1


@pytest.fixture
def outcome(monkeypatch):
    """What the body of judge_sized does with a number of resamples: the memory that it requests, or its error."""

    class Call:
        def __init__(self, **inputs):
            pass

        def with_overrides(self, **given):
            return f"requests {given}"

    def outcome(resamples: int) -> str:
        monkeypatch.setattr(workflow, "judge", Call)
        test = pd.DataFrame(index=range(69))
        try:
            return str(workflow.judge_sized.task_function(forest=None, test=test, seed=42, resamples=resamples))
        except ValueError as error:
            return f"ValueError: {error}"

    return outcome


def test_begun(outcome):
    found = outcome(2_000_000)
    still = found.startswith("requests") and "1616Mi" in found
    assert not still, "with two million resamples judge_sized still requests 1616Mi"


def test_too_many(outcome):
    found = outcome(2_000_000)
    assert found.startswith("ValueError"), (
        f"with two million resamples judge needs 1616Mi; with less it is killed, and judge_sized {found}"
    )
    assert found.startswith("ValueError: resamples is 2000000"), (
        f"the error must begin with 'resamples is 2000000'; it is {found!r}"
    )


def test_what_fits(outcome):
    for resamples, memory in ((10_000, "306Mi"), (1_000_000, "958Mi"), (MOST, "1023Mi")):
        found = outcome(resamples)
        assert found.startswith("requests") and memory in found, (
            f"with {resamples} resamples judge_sized must still request {memory}; found: {found}"
        )
    assert outcome(MORE).startswith("ValueError"), f"{MORE} resamples need 1025Mi, and are not refused"


def test_no_task_starts(recorded):
    run = recorded(workflow.sized_forest, resamples=2_000_000)
    found = [task.status for task in run.record.tasks if task.name == "judge"]
    assert run.record.status == "failed", "sized_forest must fail with two million resamples"
    assert not found, f"judge started although no node can run it: {found}"
