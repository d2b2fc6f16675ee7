"""Exercise 3: the peak of judge_in_parts does not grow with the number of resamples."""

import pytest
from randomness_and_resources import workflow

from runner.harness.quantities import quantity


@pytest.fixture(scope="module")
def grown():
    """A forest that errs often, and a test part."""
    parts = workflow.split_data.task_function(seed=42)
    return workflow.grow_trees.task_function(parts.train[:12], seed=42, part=0, n_trees=1), parts.test


def test_begun():
    assert hasattr(workflow, "judge_in_parts"), "workflow.py has no task judge_in_parts"


def test_the_results(grown):
    for seed in range(30):
        for resamples in (1, 2500):
            expected, found = (
                judge.task_function(forest=grown[0], test=grown[1], seed=seed, resamples=resamples)
                for judge in (workflow.judge, workflow.judge_in_parts)
            )
            assert tuple(found) == tuple(expected), (
                f"with seed={seed} and resamples={resamples}, judge_in_parts returns {tuple(found)},\n"
                f"and judge {tuple(expected)}: all parts must continue one stream of random numbers"
            )


def test_the_peak(recorded):
    assert hasattr(workflow, "lean_forest"), "workflow.py has no workflow lean_forest"
    run = recorded(workflow.lean_forest, resamples=1_000_000)
    assert run.record.status == "succeeded", f"lean_forest fails: {run.record.error}"
    used = [task for task in run.record.tasks if task.name == "judge_in_parts"]
    assert used, "lean_forest does not call judge_in_parts"
    limit, peak = used[0].limits["memory"], used[0].peak_mb * 1e6
    assert limit == "500Mi", f"judge_in_parts must keep the limit 500Mi of judge, not {limit}"
    assert peak < quantity(limit), f"with a million resamples the peak is {peak / 2**20:.0f}Mi, above the limit {limit}"
