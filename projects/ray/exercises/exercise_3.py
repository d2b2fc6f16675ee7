"""Exercise 3: a call of Ray scores up to ten candidates, and every candidate gets its accuracy."""

import pytest
from ray.remote_function import RemoteFunction
from ray_lesson import trials, workflow
from workshop import penguins

CANDIDATES = trials.draw(25, seed=1)


@pytest.fixture(scope="module")
def search() -> dict:
    return {}


@pytest.fixture
def found(search, monkeypatch) -> dict:
    """What the task returns for 25 candidates, and the number of calls that it makes."""
    if not search:
        calls, call = [], RemoteFunction._remote

        def counted(self, *arguments, **options):
            calls.append(self)
            return call(self, *arguments, **options)

        monkeypatch.setattr(RemoteFunction, "_remote", counted)
        search["returned"] = workflow.score_with_ray(candidates=CANDIDATES, folds=2)
        search["calls"] = len(calls)
    return search


def test_begun():
    assert hasattr(trials, "score_batch"), "ray_lesson/trials.py has no function score_batch"


def test_it_scores_a_list():
    data = penguins.load_measured()
    found = list(trials.score_batch(CANDIDATES[:2], data, 2))
    expected = [trials.score(candidate, data, 2) for candidate in CANDIDATES[:2]]
    assert found == expected, f"for two candidates score_batch returns {found}, not {expected}"


def test_calls(found):
    assert found["calls"] == 3, f"for 25 candidates the task calls Ray {found['calls']} times, not 3 times"


def test_every_candidate_is_scored(found):
    count = len(found["returned"])
    assert count == 25, f"for 25 candidates the task returns {count} accuracies"


def test_in_order(found):
    data = penguins.load_measured()
    expected = [trials.score(candidate, data, 2) for candidate in CANDIDATES]
    assert found["returned"] == expected, "the accuracies are not those of the candidates, in their order"
