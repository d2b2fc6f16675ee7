"""Tests the two ways to pass inputs to a query: pasting and binding."""

import pytest
from flytekit import StructuredDataset, kwtypes
from flytekitplugins.sqlalchemy import SQLAlchemyConfig, SQLAlchemyTask
from running import INJECTION, LESSON, rows, start
from sql_lesson import database, pasted
from sql_lesson.binding import BoundSQLTask
from workshop.resources import SMALL


def test_pasted_text_becomes_part_of_the_query():
    plugin = SQLAlchemyTask(
        name="plugin",
        query_template="select * from penguins where species = '{{ .inputs.species }}'",
        inputs=kwtypes(species=str),
        output_schema_type=StructuredDataset,
        task_config=SQLAlchemyConfig(f"sqlite:///{database.sample_file()}"),
    )
    for query in (plugin, pasted.pasted):
        assert len(rows(query, species="Gentoo")) == 124
        assert len(rows(query, species=INJECTION)) == 344


def test_bound_text_stays_a_value():
    assert len(rows(pasted.bound, species="Gentoo")) == 124
    assert len(rows(pasted.bound, species=INJECTION)) == 0


@pytest.mark.usefixtures("on_postgres")
def test_bound_text_stays_a_value_on_postgres():
    query = BoundSQLTask("q", pasted.bound.query_template, database.config(), kwtypes(species=str), SMALL)
    assert len(rows(query, species="Gentoo")) == 124
    assert len(rows(query, species=INJECTION)) == 0


def test_the_readme_shows_both():
    done = start("-m", "sql_lesson.pasted")
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stdout.splitlines() if line.endswith("rows")]
    readme = (LESSON / "README.md").read_text()
    assert len(told) == 4
    for line in told:
        assert f"    {line}\n" in readme


@pytest.mark.parametrize("query", ["select :a", "select :a, :b, :c", "select :a, '{{ .inputs.b }}'"])
def test_a_query_binds_exactly_its_inputs(query):
    with pytest.raises(ValueError, match="binds"):
        BoundSQLTask("q", query, database.config(), kwtypes(a=int, b=int), SMALL)


def test_a_comment_of_dashes_is_rejected_as_the_lines_after_it_would_be_lost():
    query = """
        select species from penguins -- all of them
        where species = :species
    """
    with pytest.raises(ValueError, match="hide all lines after it"):
        BoundSQLTask("q", query, database.config(), kwtypes(species=str), SMALL)

    plugin = SQLAlchemyTask("plugin", query, SQLAlchemyConfig("sqlite://"), kwtypes(species=str), StructuredDataset)
    assert plugin.query_template == "select species from penguins -- all of them where species = :species"
