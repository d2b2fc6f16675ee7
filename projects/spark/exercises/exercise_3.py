"""Exercise 3: `add_features` ranks the penguins of each species by mass."""

import pandas as pd
import pytest
from flytekit import task
from flytekit import workflow as flyte_workflow
from spark_lesson import workflow


@task
def as_pandas(features: pd.DataFrame) -> pd.DataFrame:
    return features


@flyte_workflow
def computed() -> pd.DataFrame:
    return as_pandas(features=workflow.add_features(data=workflow.resample(rows=1000, seed=1)))


@pytest.fixture(scope="module")
def features() -> pd.DataFrame:
    return computed()


def test_begun(lesson):
    source = (lesson.folder / "spark_lesson" / "workflow.py").read_text(encoding="utf-8")
    assert "mass_rank" in source, "spark_lesson/workflow.py adds no feature mass_rank"


def test_feature(features):
    assert "mass_rank" in features, f"add_features returns no mass_rank; its columns are {', '.join(features.columns)}"


def test_within_the_species(features):
    for species, rank in features.groupby("species")["mass_rank"].min().items():
        assert rank == 1, f"the smallest rank of {species} is {rank}: rank within each species, from 1"


def test_the_lightest_comes_first(features):
    lightest = features.sort_values("body_mass_g").groupby("species").first()
    wrong = lightest[lightest["mass_rank"] != 1]
    assert wrong.empty, f"the lightest {wrong.index[0]} has the rank {wrong['mass_rank'].iloc[0]}, not 1"


def test_ties(features):
    expected = features.groupby("species")["body_mass_g"].rank(method="min")
    wrong = int((features["mass_rank"] != expected).sum())
    assert not wrong, (
        f"{wrong} of 1000 ranks are wrong: penguins of the same mass share a rank, and the next is skipped"
    )
