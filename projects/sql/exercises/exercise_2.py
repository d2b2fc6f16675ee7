"""Exercise 2: a query binds a list of values, on SQLite and on PostgreSQL."""

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

QUERY = "select species from penguins where species in :species and year < :year"
INJECTION = "x') or ('1'='1"


def rows(species: list[str], year: int = 2010) -> int:
    """Returns how many penguins a query finds whose species and year are bound."""
    inputs = kwtypes(species=list[str], year=int)
    query = BoundSQLTask("exercise_2", QUERY, database.config(), inputs, SMALL)
    return len(query(species=species, year=year).open(pd.DataFrame).all())


def test_begun():
    try:
        found = rows(["Gentoo"])
    except database.DatabaseError:
        found = None
    assert found, "the database refuses the query `where species in :species` with a list"


def test_lists():
    found = rows(["Gentoo", "Adelie"]), rows(["Gentoo"]), rows(["Gentoo", "Adelie"], 2009)
    assert found == (276, 124, 180), f"of 276, 124 and 180 penguins the queries find {', '.join(map(str, found))}"


def test_values_stay_values():
    try:
        found = rows([INJECTION])
    except database.DatabaseError:
        found = -1
    assert found == 0, (
        f"the list with {INJECTION!r} finds {found} penguins, not 0: its text has become part of the query"
    )


def test_empty_list():
    found = rows([])
    assert found == 0, f"an empty list finds {found} penguins"


@pytest.mark.usefixtures("on_postgres")
def test_postgres():
    found = rows(["Gentoo", "Adelie"])
    assert found == 276, f"on PostgreSQL the query finds {found} penguins, not 276"
