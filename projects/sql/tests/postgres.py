"""Fixtures: a PostgreSQL server with the penguins, which the lesson's own command creates."""

import importlib

import pytest
from running import start
from sql_lesson import workflow

pytest_plugins = ["runner.postgres"]


@pytest.fixture(scope="session")
def filled(server) -> str:
    """The URI of a PostgreSQL database with penguins, which the lesson's own command creates."""
    server.connect().execute("create database penguins")
    uri = server.uri("penguins")
    done = start("-m", "sql_lesson.database", PENGUINS_DB=uri, PENGUINS_DB_PASSWORD=server.password)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{uri}: the table penguins is ready\n", "")
    return uri


@pytest.fixture
def on_postgres(filled, server, monkeypatch):
    """The workflow, imported while PENGUINS_DB names the server."""
    monkeypatch.setenv("PENGUINS_DB", filled)
    monkeypatch.setenv("PENGUINS_DB_PASSWORD", server.password)
    yield importlib.reload(workflow).mass_per_length
    monkeypatch.undo()
    importlib.reload(workflow)
