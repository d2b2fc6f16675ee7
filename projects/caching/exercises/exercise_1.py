"""Exercise 1: the task cap drops rows, and a new cache version makes Flyte notice."""

import pytest
from caching_lesson import workflow


@pytest.fixture
def data():
    return workflow.survey.task_function(rows=1000, seed=1)


@pytest.fixture
def heaviest(data) -> float:
    """A limit that is the mass of a row."""
    mass = data["body_mass_g"]
    return mass[mass <= 5000].max()


@pytest.fixture
def kept(data, heaviest):
    return workflow.cap.task_function(data, heaviest)


def test_begun(data, kept, heaviest):
    assert len(kept) < len(data), f"cap still returns all {len(data)} rows, with heaviest_g={heaviest:.1f}"


def test_rows(data, kept, heaviest):
    expected = data["body_mass_g"][data["body_mass_g"] <= heaviest]
    found = f"of {len(data)} rows cap keeps {len(kept)}, the heaviest with {kept['body_mass_g'].max():.1f} g"
    assert kept["body_mass_g"].tolist() == expected.tolist(), (
        f"{found}; it must keep the {len(expected)} rows of at most {heaviest:.1f} g as they are"
    )


def test_version():
    metadata = workflow.cap.metadata
    assert metadata.cache, "cap is no longer cached: keep the cache, and change the version"
    assert metadata.cache_version != "1", (
        "the cache version of cap is still '1': for the same inputs, Flyte finds what the old body returned"
    )


def test_cases(lesson, execute):
    for case in lesson.cases:
        expected, found = case.outputs["accuracy"], execute(case.entry_point, case.inputs)["accuracy"]
        assert found == pytest.approx(expected), (
            f"lesson.toml: the case {case.name!r} expects the accuracy {expected}; it is {found} now"
        )
