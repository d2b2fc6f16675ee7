"""Exercise 1: one query for all species, and a line for each."""

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sql_lesson import workflow
from workshop import penguins

from runner.graph.compiled import compiled

LENGTH, MASS = "flipper_length_mm", "body_mass_g"


def grams_per_mm(rows: pd.DataFrame) -> float:
    return LinearRegression().fit(rows[[LENGTH]], rows[MASS]).coef_[0]


def queries_of(entity) -> list[str]:
    """The names of the tasks of a workflow that are queries."""
    tasks = compiled(entity, {"default": "registry.example/sql:1"}).tasks
    return [name for name, task in tasks.items() if task.type == "sqlalchemy"]


def test_begun():
    assert hasattr(workflow, "grams_by_species"), "sql_lesson/workflow.py has no grams_by_species"


def test_one_query():
    queries = queries_of(workflow.grams_by_species)
    assert len(queries) == 1, f"grams_by_species needs one query, not {len(queries)}"


@pytest.mark.parametrize("year", [2009, 2008])
def test_lines(execute, year):
    (found,) = execute("sql_lesson.workflow:grams_by_species", {"year": year}).values()
    data = penguins.load().query(f"year < {year}").dropna(subset=[MASS])
    names = ["Gentoo", "Adelie", "Chinstrap"]
    assert isinstance(found, dict) and found.keys() == set(names), f"the output must have the keys {names}"
    for name in names:
        rows = data[data["species"] == name]
        unweighted = grams_per_mm(rows.groupby(LENGTH, as_index=False)[MASS].mean())
        is_unweighted = found[name] == pytest.approx(unweighted)
        step = (
            "weight each group by its number of penguins" if is_unweighted else "compare the query with mass_by_length"
        )
        assert found[name] == pytest.approx(grams_per_mm(rows)), (
            f"before {year}, the line of {name} has {found[name]:.5} grams per mm, not {grams_per_mm(rows):.5}: {step}"
        )


def test_the_query_groups(recorded):
    run, names = recorded(workflow.grams_by_species, year=2009), queries_of(workflow.grams_by_species)
    (stored,) = (item for task in run.record.tasks if task.task in names for item in task.written["results"])
    rows = len(pd.read_parquet(run.folder / stored.path))
    groups = penguins.load().query("year < 2009").dropna(subset=[MASS]).groupby(["species", LENGTH]).ngroups
    assert rows == groups, f"the query returns {rows} rows; grouped by species and length, it returns {groups}"
