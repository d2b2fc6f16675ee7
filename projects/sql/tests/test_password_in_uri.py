"""A password in PENGUINS_DB is rejected before Flyte stores it: no run, no record, no word of it."""

from urllib.parse import quote

import pytest
from sql_lesson import database

SECRET = "hidden-word"  # noqa: S105  (of no account)
URIS = [
    "postgresql://me:{}@host/data",
    "postgresql://me:@host/data",
    "postgresql://me@host/data?password={}",
    "postgresql://me@host/data?PASSWORD={}",
    "postgresql://me@host/data?sslpassword={}",
    "postgresql://me@host/data?%50assword={}",
    "mssql+pymssql://me@host/data?pwd={}",
    "mysql+pymysql://me@host/data?passwd={}",
    "sqlite+pysqlcipher://:{}@/data.db",
    "mssql+pyodbc:///?odbc_connect=" + quote("Driver=x;Server=host;UID=me;PWD={}", safe="{}"),
    "postgresql:{}@host",
    "postgresql://me@host:{}/data",
]


@pytest.mark.parametrize("uri", URIS)
def test_a_password_is_rejected_and_not_repeated(uri, monkeypatch):
    monkeypatch.setenv("PENGUINS_DB", uri.format(SECRET))
    with pytest.raises(ValueError, match=r"^PENGUINS_DB (contains a password|is not a database URI)") as caught:
        database.config()
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("uri", ["postgresql://me@host:5432/passwords", "postgresql://me@host/data?sslmode=require"])
def test_a_uri_without_a_password_is_taken(uri, monkeypatch):
    monkeypatch.setenv("PENGUINS_DB", uri)
    assert database.config().uri == uri
