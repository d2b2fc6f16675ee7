"""Tests the figures of the lesson and of its README."""

import pandas as pd
import pytest
from flytekit import StructuredDataset
from map_tasks import workflow


def test_case(case, check):
    check(case)


def test_the_same_member_fails_every_time():
    regularizations = [0.0, 0.1, 1.0, 10.0]
    runs = [workflow.mapped_search(regularizations=regularizations) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0].failed == 1


def test_one_failing_member_too_many_fails_the_run():
    (ratio,) = (node.flyte_entity.min_success_ratio for node in workflow.mapped_search.nodes if node.id == "n2")
    failing = int(4 * (1 - ratio)) + 1
    with pytest.raises(ValueError, match="'C' parameter"):
        workflow.mapped_search(regularizations=[0.0] * failing + [1.0] * (4 - failing))


@pytest.mark.parametrize("measures", [9, 0, -1])
def test_a_number_of_measures_that_does_not_exist_is_refused(measures):
    with pytest.raises(ValueError, match=f"measures is {measures}; choose 1 to 4"):
        workflow.mapped_search(measures=measures)


def test_an_empty_search_is_refused():
    with pytest.raises(ValueError, match="regularizations is empty; choose at least one"):
        workflow.mapped_search(regularizations=[])


def test_a_member_without_result_is_never_the_best():
    best = workflow.pick_best(regularizations=[1.0, 2.0, 3.0], accuracies=[None, 0.5, 0.9])
    assert tuple(best) == (3.0, 0.9, 1)


def test_trials_share_the_stored_tables():
    data = StructuredDataset(dataframe=pd.DataFrame({"x": [1, 2]}))
    trials = workflow.make_trials(train=data, validation=data, regularizations=[0.1, 1.0])
    assert [trial.regularization for trial in trials] == [0.1, 1.0]
    assert trials[0].train.uri == trials[1].train.uri
    assert trials[1].train.open(pd.DataFrame).all()["x"].tolist() == [1, 2]
