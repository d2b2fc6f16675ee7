"""Exercise 3: the model has a content hash, which makes evaluate a hit for an equal model only."""

from typing import get_type_hints

import pytest
from caching_lesson import workflow
from flytekit import HashMethod


@pytest.fixture
def computed(recorded):
    """Runs the workflow and returns the tasks that were computed; runs of one test share a cache."""

    def computed(**inputs) -> list[str]:
        run = recorded(workflow.cached_training, rows=1000, **inputs)
        assert run.record.status == "succeeded", f"the run failed: {run.record.error}"
        return [task.name for task in run.record.tasks if task.status != "cached"]

    return computed


def hash_methods() -> list[HashMethod]:
    """The hash methods of the type that train returns."""
    returned = get_type_hints(workflow.train.task_function, include_extras=True)["return"]
    return [part for part in getattr(returned, "__metadata__", ()) if isinstance(part, HashMethod)]


def test_begun():
    assert hash_methods(), "the type that train returns has no HashMethod"


def test_hits_and_misses(computed, monkeypatch):
    computed()
    monkeypatch.setattr(workflow.train.metadata, "cache_version", "another")
    found = computed()
    assert "train" in found, "train is a hit although its cache version is new"
    assert "evaluate" not in found, (
        f"train with a new version returned an equal model, but these tasks were computed: {', '.join(found)}"
    )
    found = computed(heaviest_g=5000.0)
    assert "evaluate" in found, (
        "evaluate was a hit for a model that was trained on other data: two different models have the same hash"
    )


def test_exchanged_species():
    data = workflow.survey.task_function(rows=1000, seed=1)
    exchanged = data["species"].map({"Adelie": "Gentoo", "Gentoo": "Chinstrap", "Chinstrap": "Adelie"})
    models = [workflow.train.task_function(rows, 1) for rows in (data, data.assign(species=exchanged))]
    (method,) = hash_methods()
    assert method.calculate(models[0]) != method.calculate(models[1]), (
        "two forests whose trees split alike, but predict other species, have the same hash: cover the whole trees"
    )
