"""Tests the figures of the lesson and of its README."""

import pytest
from flyte_basics import workflow
from flytekit import LaunchPlan


def test_case(case, check):
    check(case)


def test_a_task_is_a_function():
    data = workflow.get_data()
    assert data.shape == (342, 5)
    train, test = workflow.split_data(data=data, test_size=0.25, random_state=0)
    assert (len(train), len(test)) == (256, 86)
    assert not set(train.index) & set(test.index)


def test_the_same_seed_gives_the_same_split():
    data = workflow.get_data()
    first, again, other = (workflow.split_data(data=data, test_size=0.2, random_state=seed) for seed in (7, 7, 8))
    assert first.train.equals(again.train)
    assert not first.train.equals(other.train)


@pytest.mark.parametrize("test_size", [1.5, -1.0])
def test_an_impossible_test_size_is_refused(test_size):
    with pytest.raises(ValueError, match="test_size"):
        workflow.training_workflow(test_size=test_size)


def test_the_launch_plan_has_a_schedule_and_inputs_of_its_own():
    plan: LaunchPlan = workflow.nightly_training
    assert plan.schedule.cron_schedule.schedule == "0 2 * * *"
    assert plan.saved_inputs == {"test_size": 0.1}
    assert plan()[1:3] == pytest.approx((0.9869706840390879, 1.0))
