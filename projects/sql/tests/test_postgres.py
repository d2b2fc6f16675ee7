"""Tests the lesson on a real PostgreSQL server, by URI and secret. Each error is one line without the password."""

import pytest
from flytekit import StructuredDataset
from flytekitplugins.sqlalchemy import SQLAlchemyTask
from running import CASE, IMAGES, LESSON, assert_nowhere, record, run_lesson, start
from sql_lesson import database
from sql_lesson.binding import BoundSQLTask
from workshop.resources import SMALL

from runner.graph.compiled import compiled, settings
from runner.harness import walk
from runner.harness.launchers import ProcessLauncher
from runner.testing import assert_outputs


def test_postgres_gives_the_same_figures(filled, server, tmp_path):
    done = run_lesson(tmp_path, PENGUINS_DB=filled, PENGUINS_DB_PASSWORD=server.password)
    assert done.returncode == 0, done.stderr
    assert_outputs(record(tmp_path)["outputs"], CASE.outputs)
    assert_nowhere(server.password, tmp_path, done)


def test_a_task_as_a_cluster_starts_it_takes_the_password_from_a_secret(on_postgres, server, tmp_path, monkeypatch):
    monkeypatch.delenv("PENGUINS_DB_PASSWORD")
    # Flyte provides the key db_password of the secret penguins in this variable.
    monkeypatch.setenv("_FSEC_PENGUINS_DB_PASSWORD", server.password)
    monkeypatch.delenv("PENGUINS_DB")
    done = walk.execute(on_postgres, {}, tmp_path, ProcessLauncher(LESSON), IMAGES)
    assert_outputs(done.outputs, CASE.outputs)
    assert_nowhere(server.password, tmp_path)


def test_the_password_is_not_serialised(on_postgres, server, filled):
    # After a local run, the plugin's own task keeps the password.
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


@pytest.mark.parametrize(
    ("uri", "password", "said"),
    [
        ("postgresql://postgres@127.0.0.1:1/penguins", "{password}", "Connection refused; check PENGUINS_DB and"),
        ("{server}/penguins", "{password}-wrong", 'password authentication failed for user "postgres"'),
        (
            "{server}/postgres",
            "{password}",
            'relation "penguins" does not exist; to create the table: python -m sql_lesson.database',
        ),
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
    assert again.returncode == 1
    assert again.stderr.startswith(f"{filled}: the table penguins already exists; ")


@pytest.mark.usefixtures("on_postgres")
def test_an_error_of_a_query_is_no_missing_table():
    query = BoundSQLTask("q", "select colour from penguins", database.config(), {}, SMALL)
    with pytest.raises(database.DatabaseError, match='column "colour" does not exist; check the query'):
        query()


def test_there_is_no_table_to_make_without_a_database():
    done = start("-m", "sql_lesson.database")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("PENGUINS_DB is not set")
