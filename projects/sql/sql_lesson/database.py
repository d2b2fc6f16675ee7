"""Connects to the database of the penguins: the server that PENGUINS_DB names, or a temporary SQLite file.

python -m sql_lesson.database    creates the table in the database that PENGUINS_DB names
"""

import atexit
import functools
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from flytekit import Secret, current_context
from flytekitplugins.sqlalchemy import SQLAlchemyConfig
from pandas.errors import DatabaseError as PandasDatabaseError
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from workshop import penguins

# The URI of the file that `sample_file` creates. Flyte stores the URI with the task, so the URI must not contain a
# path of the machine that registers the task.
SAMPLE = "sqlite:///penguins.db"
# On a cluster: the key db_password of the secret penguins. Locally: the variable PENGUINS_DB_PASSWORD.
PASSWORD = Secret(group="penguins", key="db_password", mount_requirement=Secret.MountType.ENV_VAR)

# Drivers read a password from the query of a URI, and ODBC from the connection string inside it, under these names.
PASSWORD_IN_URI = re.compile(r"(pass(word|wd|phrase|code)?|pwd|secret|token)\s*=", re.IGNORECASE)

# How SQLite, PostgreSQL and MySQL report that the table penguins is missing.
NO_TABLE = re.compile(r"no such table: penguins|relation \"penguins\" does not exist|\bpenguins' doesn't exist")


class DatabaseError(Exception):
    """The database is unreachable or reports an error. The message is one line that ends with the next step."""


def config() -> SQLAlchemyConfig:
    """Returns the database that PENGUINS_DB names on the machine that runs or registers the tasks.

    Raises:
        ValueError: the URI contains a password or is invalid.
    """
    uri = os.environ.get("PENGUINS_DB") or SAMPLE
    checked(uri)  # before Flyte stores it with a task
    if uri.startswith("sqlite"):
        return SQLAlchemyConfig(uri)
    # The timeout is in seconds. It is a string because a task's protobuf turns 10 into 10.0, which PostgreSQL rejects.
    return SQLAlchemyConfig(uri, connect_args={"connect_timeout": "10"}, secret_connect_args={"password": PASSWORD})


def checked(uri: str) -> URL:
    """Parses a URI. Raises ValueError, without the URI, if it is invalid or contains a password."""
    try:
        url = make_url(uri)
    except (SQLAlchemyError, ValueError):
        raise ValueError("PENGUINS_DB is not a database URI; write postgresql://user@host:5432/database") from None
    if url.password is not None or PASSWORD_IN_URI.search(unquote(uri)):
        raise ValueError(
            "PENGUINS_DB contains a password, which Flyte would store with every task; "
            "take it out and set PENGUINS_DB_PASSWORD"
        )
    return url


@functools.cache
def sample_file() -> Path:
    """Creates an SQLite file with all penguins for this process. The end of the process removes the file."""
    folder = tempfile.TemporaryDirectory(prefix="penguins-")
    atexit.register(folder.cleanup)
    file = Path(folder.name, "penguins.db")
    with connected(f"sqlite:///{file}") as connection:
        fill(connection)
    return file


def fill(connection: Connection) -> None:
    """Creates the table penguins with its 344 rows in one transaction. Missing measurements are null."""
    with connection.begin():
        penguins.load().to_sql("penguins", connection, index=False)


@contextmanager
def connected(
    uri: str, connect_args: Mapping[str, Any] | None = None, secret_connect_args: Mapping[str, Any] | None = None
) -> Iterator[Connection]:
    """Connects to the database for the duration of the `with` block.

    Args:
        uri: the database, or SAMPLE for the SQLite file of this process.
        connect_args: further arguments of the driver.
        secret_connect_args: arguments of the driver that are secrets, each a dictionary with its group and key.

    Raises:
        DatabaseError: the database reports an error, also inside the block.
        ValueError: the URI contains a password or is invalid.
    """
    url = checked(f"sqlite:///{sample_file()}" if uri == SAMPLE else uri)
    arguments = {**(connect_args or {}), **secret_values(secret_connect_args or {})}
    with explained(url, "check PENGUINS_DB and PENGUINS_DB_PASSWORD"):
        connection = create_engine(url, connect_args=arguments, poolclass=NullPool).connect()
    with connection, explained(url, "check the query and the rights of the user"):
        yield connection


def secret_values(secrets: Mapping[str, Any]) -> dict[str, str]:
    """Returns the values of secrets. A cluster mounts them; locally, they come from the environment."""
    try:
        return {name: current_context().secrets.get(secret["group"], secret["key"]) for name, secret in secrets.items()}
    except ValueError:
        raise DatabaseError(
            "the database password is missing; set PENGUINS_DB_PASSWORD (empty if the database needs none), "
            "or on a cluster create the secret penguins with the key db_password"
        ) from None


@contextmanager
def explained(url: URL, next_step: str) -> Iterator[None]:
    """Turns an error of the database, or a missing driver, into a DatabaseError. Another step mends a missing table."""
    try:
        yield
    except (SQLAlchemyError, PandasDatabaseError, ImportError) as error:
        # pandas wraps SQLAlchemy's error, which wraps the driver's error. Its first line says what is wrong.
        inner = error.__cause__ if isinstance(error, PandasDatabaseError) else error
        words, _, _ = str(getattr(inner, "orig", None) or inner).strip().partition("\n")
        if NO_TABLE.search(words):
            next_step = "to create the table: python -m sql_lesson.database"
        raise DatabaseError(f"{url}: {' '.join(words.split()).rstrip('?.')}; {next_step}") from None


def main() -> None:
    try:
        target = config()
    except ValueError as error:
        sys.exit(str(error))
    if target.uri == SAMPLE:
        sys.exit(
            "PENGUINS_DB is not set; only a server needs this command: PENGUINS_DB=postgresql://user@host:5432/database"
        )
    # Flyte provides secrets only to tasks, and this command is not a task.
    password = os.environ.get("PENGUINS_DB_PASSWORD")
    arguments = {"password": password} if password else {}
    try:
        with connected(target.uri, {**(target.connect_args or {}), **arguments}) as connection:
            fill(connection)
    except DatabaseError as error:
        sys.exit(str(error))
    except ValueError:  # of pandas
        sys.exit(f"{target.uri}: the table penguins already exists; use it, or drop it first: drop table penguins")
    print(f"{target.uri}: the table penguins is ready")


if __name__ == "__main__":
    main()
