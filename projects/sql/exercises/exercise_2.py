"""Exercise 2: a query binds lists of values, on SQLite and on PostgreSQL."""

import sys
from pathlib import Path

import pandas as pd
import pytest
from flytekit import kwtypes
from sql_lesson import database
from sql_lesson.binding import BoundSQLTask
from workshop.resources import SMALL

sys.path.append(str(Path(__file__).parents[1] / "tests"))
pytest_plugins = ["postgres"]

TYPES = kwtypes(species=list[str], kinds=list[str], years=list[int], before=int)
KINDS = "select species from penguins where species in :kinds"
ALL = f"{KINDS} and year in :years and year < :before"
YEARS = [2007, 2008, 2009]
# Each one breaks out of the quotes that some way of pasting puts around a value.
INJECTIONS = ["x') or ('1'='1", "') or 1=1 /*\"", "\\') or 1=1 /*", "' :other"]


def rows(query: str, **inputs) -> int:
    """Returns how many penguins a query finds."""
    task = BoundSQLTask("exercise_2", query, database.config(), {name: TYPES[name] for name in inputs}, SMALL)
    return len(task(**inputs).open(pd.DataFrame).all())


def test_begun():
    try:
        found = rows("select species from penguins where species in :species", species=["Gentoo"])
    except database.DatabaseError:
        found = 0
    assert found, "the database refuses the query `where species in :species` with a list"


@pytest.mark.parametrize(
    ("kinds", "years", "before", "expected"),
    [(["Gentoo", "Adelie"], YEARS, 2010, 276), (["Gentoo"], YEARS, 2009, 80), (["Gentoo"], [2007], 2009, 34)],
)
def test_lists_and_numbers(kinds, years, before, expected):
    try:
        found = f"finds {rows(ALL, kinds=kinds, years=years, before=before)} penguins"
    except Exception as error:
        found = f"fails: {error}"
    inputs = f"kinds={kinds}, years={years} and before={before}"
    assert found == f"finds {expected} penguins", (
        f"a query that binds {inputs} must find {expected} penguins; it {found}"
    )


@pytest.mark.parametrize("value", INJECTIONS)
def test_values_stay_values(value):
    try:
        found = f"finds {rows(KINDS, kinds=[value])} penguins"
    except Exception:
        found = "fails"
    assert found == "finds 0 penguins", (
        f"a query that binds the list with {value!r} {found} instead of 0: its text has become part of the query"
    )


def test_empty_list():
    found = rows(ALL, kinds=[], years=YEARS, before=2010)
    assert found == 0, f"an empty list finds {found} penguins"


@pytest.mark.usefixtures("on_postgres")
def test_postgres():
    found = rows(ALL, kinds=["Gentoo", "Adelie"], years=YEARS, before=2010)
    assert found == 276, f"on PostgreSQL the query finds {found} penguins, not 276"


@pytest.mark.usefixtures("on_postgres")
@pytest.mark.parametrize(("kinds", "years"), [([], YEARS), (["Gentoo"], [])])
def test_empty_list_on_postgres(kinds, years):
    problem = None
    try:
        rows(ALL, kinds=kinds, years=years, before=2010)
    except database.DatabaseError as error:
        problem = error
    assert not problem, (
        f"PostgreSQL refuses an empty list without the type of its elements (bindparam's type_): {problem}"
    )
