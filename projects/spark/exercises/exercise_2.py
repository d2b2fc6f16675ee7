"""Exercise 2: `resample` numbers the folds of the rows, and no fold depends on the partitions."""

import pandas as pd
import pytest
from flytekit import task
from flytekit import workflow as flyte_workflow
from spark_lesson import workflow

ROWS = 2000


@task
def as_pandas(data: pd.DataFrame) -> pd.DataFrame:
    return data.sort_values("id", ignore_index=True)


@flyte_workflow
def drawn(seed: int) -> pd.DataFrame:
    return as_pandas(data=workflow.resample(rows=ROWS, seed=seed))


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return drawn(seed=1)


def test_begun(lesson):
    source = (lesson.folder / "spark_lesson" / "workflow.py").read_text(encoding="utf-8")
    assert "fold" in source, "spark_lesson/workflow.py adds no column fold"


def test_column(data):
    assert "fold" in data.columns, f"resample returns no column fold; its columns are {', '.join(data.columns)}"
    found = sorted(data["fold"].unique().tolist())
    assert found == [0, 1, 2, 3, 4], f"the folds are {found[:8]}, not 0 to 4"


def test_folds_have_equal_shares(data):
    for number, rows in data["fold"].value_counts().items():
        assert 300 < rows < 500, f"fold {number} has {rows} of {ROWS} rows; about {ROWS // 5} are right"


def test_a_penguin_is_in_every_fold(data):
    measures = [name for name in data.columns if name not in ("id", "fold")]
    found = data.groupby(measures)["fold"].nunique().mean()
    assert found > 2, (
        f"the copies of a penguin are in {found:.1f} folds on average: the fold must depend on the row, id"
    )


def test_the_partitions_do_not_matter(data, monkeypatch):
    monkeypatch.setattr(workflow, "PARTITIONS", 4)
    others = int((drawn(seed=1)["fold"] != data["fold"]).sum())
    assert not others, f"with PARTITIONS = 4 instead of 8, {others} of {ROWS} rows are in another fold"


def test_the_seed_matters(data):
    assert (drawn(seed=2)["fold"] != data["fold"]).any(), "another seed gives the same folds"
