"""Exercise 2: `resample` numbers the folds; the fold of a penguin depends on the seed and the penguin only."""

import pandas as pd
import pytest
from flytekit import task
from flytekit import workflow as flyte_workflow
from spark_lesson import workflow

ROWS = 2000
# If a hash chooses the fold of each of 342 penguins, a fold has 68 on average, with a standard deviation of 7.4.
MEAN, DEVIATION = 342 / 5, (342 * 0.2 * 0.8) ** 0.5


@task
def as_pandas(data: pd.DataFrame) -> pd.DataFrame:
    return data.sort_values("id", ignore_index=True)


@flyte_workflow
def drawn(seed: int) -> pd.DataFrame:
    return as_pandas(data=workflow.resample(rows=ROWS, seed=seed))


@task(task_config=workflow.CLUSTER)
def is_computed_from_values(seed: int) -> bool:
    """Whether the plan of `resample` has no function whose values depend on partitions."""
    return workflow.resample.task_function(rows=ROWS, seed=seed)._jdf.queryExecution().analyzed().deterministic()


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return drawn(seed=1)


def folds(data: pd.DataFrame) -> pd.Series:
    """The fold of each penguin, by its measures, which no two penguins share."""
    measures = [name for name in data.columns if name not in ("id", "fold")]
    return data.groupby(measures)["fold"].first()


def test_begun(lesson):
    source = (lesson.folder / "spark_lesson" / "workflow.py").read_text(encoding="utf-8")
    assert "fold" in source, "spark_lesson/workflow.py adds no column fold"


def test_column(data):
    assert "fold" in data.columns, f"resample returns no column fold; its columns are {', '.join(data.columns)}"
    found = sorted(data["fold"].unique().tolist())
    assert found == [0, 1, 2, 3, 4], f"the folds are {found[:8]}, not 0 to 4"


def test_the_partitions_do_not_matter(data, monkeypatch):
    monkeypatch.setattr(workflow, "PARTITIONS", 4)
    others = int((drawn(seed=1)["fold"] != data["fold"]).sum())
    assert not others, f"with PARTITIONS = 4 instead of 8, {others} of {ROWS} rows are in another fold"


def test_all_copies_are_in_one_fold(data):
    measures = [name for name in data.columns if name not in ("id", "fold")]
    found = int(data.groupby(measures)["fold"].nunique().max())
    assert found == 1, (
        f"copies of one penguin are in {found} folds: the fold must depend on the penguin, not on the row"
    )


def test_folds_have_equal_shares(data):
    for number, count in folds(data).value_counts().items():
        assert abs(count - MEAN) < 4 * DEVIATION, f"fold {number} has {count} of the 342 penguins; about 68 are right"


def test_the_seed_matters(data):
    both = pd.concat([folds(data), folds(drawn(seed=2))], axis="columns", join="inner")
    changed = (both.iloc[:, 0] != both.iloc[:, 1]).any()
    assert changed, "with another seed, every penguin is in the same fold as before"


def test_no_random_generator():
    assert is_computed_from_values(seed=1), (
        "resample uses a random generator of Spark, whose numbers depend on the partitions of its rows"
    )
