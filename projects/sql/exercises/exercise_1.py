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


def test_begun():
    assert hasattr(workflow, "grams_by_species"), "sql_lesson/workflow.py has no grams_by_species"


def test_one_query_that_groups():
    tasks = compiled(workflow.grams_by_species, {"default": "registry.example/sql:1"}).tasks.values()
    queries = [task.custom["query_template"].lower() for task in tasks if task.type == "sqlalchemy"]
    assert len(queries) == 1, f"grams_by_species needs one query, not {len(queries)}"
    grouped = queries[0].partition("group by")[2]
    # After exercise 3, the column of the length may have another name.
    assert "species" in grouped and "length" in grouped, (
        f"the query must group by species and length, not by {grouped!r}"
    )


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
