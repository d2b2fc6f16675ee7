"""The lesson's figures, on SQLite and on a real PostgreSQL, and what the README says about it."""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from flytekit import StructuredDataset, kwtypes
from flytekitplugins.sqlalchemy import SQLAlchemyConfig, SQLAlchemyTask
from sklearn.linear_model import LinearRegression
from sql_lesson import database, pasted, workflow
from sql_lesson.binding import BoundSQLTask
from workshop import penguins
from workshop.harness import walk
from workshop.harness.graph import compiled, settings
from workshop.harness.launchers import ProcessLauncher
from workshop.resources import SMALL
from workshop.testing import assert_outputs

LESSON = Path(__file__).parents[1]
CASE = tomllib.loads((LESSON / "lesson.toml").read_text())["cases"][0]
IMAGES = {"default": "registry.example/sql:1"}
INJECTION = "x' or '1'='1"


def rows(query, **inputs) -> pd.DataFrame:
    return query(**inputs).open(pd.DataFrame).all()


def start(*words: object, **variables: str) -> subprocess.CompletedProcess:
    """Runs Python in the lesson's folder with the environment variables."""
    command = [sys.executable, *map(str, words)]
    return subprocess.run(command, cwd=LESSON, env={**os.environ, **variables}, capture_output=True, text=True)


@pytest.fixture(scope="session")
def filled(server) -> str:
    """The URI of a PostgreSQL database with penguins, made by the lesson's own command."""
    server.connect().execute("create database penguins")
    uri = server.uri("penguins")
    done = start("-m", "sql_lesson.database", PENGUINS_DB=uri, PENGUINS_DB_PASSWORD=server.password)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{uri}: the table penguins is ready\n", "")
    return uri


@pytest.fixture
def on_postgres(filled, server, monkeypatch):
    """The workflow as it is when PENGUINS_DB names the server."""
    monkeypatch.setenv("PENGUINS_DB", filled)
    monkeypatch.setenv("PENGUINS_DB_PASSWORD", server.password)
    yield importlib.reload(workflow).mass_per_length
    monkeypatch.undo()
    importlib.reload(workflow)


def test_case(case, check):
    check(case)


def test_the_line_through_the_groups_is_the_line_through_all_penguins():
    data = penguins.load().query("species == 'Gentoo' and year < 2009").dropna(subset=["body_mass_g"])
    line = LinearRegression().fit(data[["flipper_length_mm"]], data["body_mass_g"])
    growth = workflow.mass_per_length()
    assert growth.penguins == len(data) > growth.rows_read
    assert growth.grams_per_mm == pytest.approx(line.coef_[0], rel=1e-9)


@pytest.mark.parametrize("inputs", [{"species": INJECTION}, {"year": 2007}, {"year": 2010}])
def test_no_penguins_are_refused(inputs):
    with pytest.raises(ValueError, match="no penguins"):
        workflow.mass_per_length(**inputs)


# Inputs: pasted and bound.


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
    assert len(rows(workflow.penguins_of_year, species="Gentoo", year=2009)) == 43
    assert len(rows(workflow.penguins_of_year, species=INJECTION, year=2009)) == 0


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


def test_what_follows_a_comment_of_dashes_is_lost():
    query = BoundSQLTask(
        name="q",
        query_template="""
            select species from penguins -- all of them
            where species = :species
        """,
        inputs=kwtypes(species=str),
        task_config=database.config(),
        resources=SMALL,
    )
    assert query.query_template == "select species from penguins -- all of them where species = :species"


# The default: a file that needs nothing.


def test_the_sample_is_made_where_the_task_runs_and_goes_with_it(tmp_path):
    graph = compiled(workflow.mass_per_length, IMAGES)
    assert {task.custom["uri"] for task in graph.tasks.values() if task.type == "sqlalchemy"} == {database.SAMPLE}
    assert tempfile.gettempdir() not in str(graph)

    code = "from sql_lesson import database; print(database.sample_file().read_bytes()[:15])"
    done = start("-c", code, TMPDIR=str(tmp_path))
    assert done.stdout == "b'SQLite format 3'\n", done.stderr
    assert not list(tmp_path.rglob("penguins.db"))


def test_every_task_runs_in_the_lessons_image():
    tasks = compiled(workflow.mass_per_length, IMAGES).tasks.values()
    assert {task.container.image for task in tasks} == {"registry.example/sql:1"}
    assert {entry.value for task in tasks for entry in task.container.resources.limits} == {"1", "800Mi"}


# PostgreSQL, by URI and secret.


def test_postgres_gives_the_same_figures(filled, server, tmp_path):
    done = run_lesson(tmp_path, PENGUINS_DB=filled, PENGUINS_DB_PASSWORD=server.password)
    assert done.returncode == 0, done.stderr
    assert_outputs(record(tmp_path)["outputs"], CASE["outputs"])
    assert_nowhere(server.password, tmp_path, done)


def test_a_task_as_a_cluster_starts_it_takes_the_password_from_a_secret(on_postgres, server, tmp_path, monkeypatch):
    monkeypatch.delenv("PENGUINS_DB_PASSWORD")
    # What Flyte mounts for the secret penguins, key db_password.
    monkeypatch.setenv("_FSEC_PENGUINS_DB_PASSWORD", server.password)
    monkeypatch.delenv("PENGUINS_DB")
    done = walk.execute(on_postgres, {}, tmp_path, ProcessLauncher(LESSON), IMAGES)
    assert_outputs(done.outputs, CASE["outputs"])
    assert_nowhere(server.password, tmp_path)


def test_the_password_is_not_serialised(on_postgres, server, filled):
    # After a local run the plugin's own task holds it.
    plugin = SQLAlchemyTask(
        name="plugin",
        query_template="select 1 as one",
        output_schema_type=StructuredDataset,
        task_config=database.config(),
    )
    plugin()
    assert server.password in str(plugin.get_custom(settings(IMAGES)))

    on_postgres()
    graph = compiled(on_postgres, IMAGES)
    queries = [task for task in graph.tasks.values() if task.type == "sqlalchemy"]
    for query in queries:
        assert query.custom["uri"] == filled
        (secret,) = query.security_context.secrets
        assert (secret.group, secret.key) == ("penguins", "db_password")
    assert len(queries) == 2
    assert server.password not in str(graph)


# What goes wrong: one line, without the password, and a status that is not 0.


def run_lesson(out: Path, **variables: str) -> subprocess.CompletedProcess:
    """What `make run` starts."""
    return start("-m", "workshop", LESSON, out, "{}", **variables)


def record(out: Path) -> dict:
    (file,) = out.glob("sql/*/record.json")
    return json.loads(file.read_text())


def assert_nowhere(password: str, out: Path, done: subprocess.CompletedProcess | None = None) -> None:
    """Fails if the password stands in what was printed or in any file below `out`."""
    files = [file for file in out.rglob("*") if file.is_file()]
    assert files
    assert [file for file in files if password.encode() in file.read_bytes()] == []
    if done:
        assert password not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("uri", "password", "said"),
    [
        ("postgresql://postgres@127.0.0.1:1/penguins", "{password}", "Connection refused"),
        ("{server}/penguins", "{password}-wrong", 'password authentication failed for user "postgres"'),
        (
            "{server}/postgres",
            "{password}",
            'relation "penguins" does not exist; if the table is missing: python -m sql_lesson',
        ),
        ("postgresql://postgres:{password}@127.0.0.1/penguins", "", "take it out and set PENGUINS_DB_PASSWORD"),
    ],
)
def test_a_problem_with_the_database_is_one_line_without_the_password(filled, server, tmp_path, uri, password, said):
    words = {"server": server.uri("").rstrip("/"), "password": server.password}
    variables = {"PENGUINS_DB": uri.format(**words), "PENGUINS_DB_PASSWORD": password.format(**words)}
    done = run_lesson(tmp_path, **variables)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("make run: task ")
    assert said in line
    assert said in record(tmp_path)["error"]
    assert {"record.json", "error.txt", "index.html"} <= {file.name for file in tmp_path.rglob("*")}
    assert_nowhere(server.password, tmp_path, done)


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("{server}/nowhere", 'database "nowhere" does not exist; check PENGUINS_DB'),
        ("{server}/penguins?password={password}", "take it out and set PENGUINS_DB_PASSWORD"),
        ("postgresql:{password}@127.0.0.1", "not a database URI"),
        ("postgresql://postgres@127.0.0.1:{password}/penguins", "not a database URI"),
        ("nosuch://postgres@127.0.0.1/penguins", "sqlalchemy.dialects:nosuch; check PENGUINS_DB"),
        ("mysql+mysqldb://postgres@127.0.0.1/penguins", "No module named 'MySQLdb'; check PENGUINS_DB"),
    ],
)
def test_an_address_that_leads_nowhere_is_one_line(server, uri, said):
    uri = uri.format(server=server.uri("").rstrip("/"), password=server.password)
    connection = database.connected(uri, {"password": server.password})
    with pytest.raises((database.DatabaseError, ValueError)) as caught, connection:
        pass
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert server.password not in str(caught.value)


def test_an_unknown_password_names_the_variable_and_the_secret(monkeypatch):
    monkeypatch.setenv("PENGUINS_DB", "postgresql://postgres@127.0.0.1:1/penguins")
    target = database.config()
    connection = database.connected(target.uri, {}, target.secret_connect_args_to_dicts())
    with (
        pytest.raises(database.DatabaseError, match=r"PENGUINS_DB_PASSWORD .* secret penguins with the key"),
        connection,
    ):
        pass


def test_a_table_that_is_there_is_not_replaced(filled, server):
    again = start("-m", "sql_lesson.database", PENGUINS_DB=filled, PENGUINS_DB_PASSWORD=server.password)
    assert (again.returncode, again.stderr) == (1, "Table 'penguins' already exists.\n")


def test_there_is_no_table_to_make_without_a_database():
    done = start("-m", "sql_lesson.database")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("PENGUINS_DB is not set")
