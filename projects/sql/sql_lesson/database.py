"""Where the penguins are: on the server that PENGUINS_DB names, or in an SQLite file made on the spot.

python -m sql_lesson.database    makes the table in the database that PENGUINS_DB names
"""

import atexit
import functools
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flytekit import Secret, current_context
from flytekitplugins.sqlalchemy import SQLAlchemyConfig
from pandas.errors import DatabaseError as PandasDatabaseError
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from workshop import penguins

# Stands for the file that `sample_file` makes. A task carries its URI wherever it runs, so this names no
# path of the machine on which the task was registered.
SAMPLE = "sqlite:///penguins.db"
# On a cluster a secret called penguins with a key db_password; locally the variable PENGUINS_DB_PASSWORD.
PASSWORD = Secret(group="penguins", key="db_password", mount_requirement=Secret.MountType.ENV_VAR)


class DatabaseError(Exception):
    """The database cannot be reached or refuses; the message is one line that ends with the next step."""


def config() -> SQLAlchemyConfig:
    """The database of the tasks, as PENGUINS_DB names it where they are run or registered."""
    uri = os.environ.get("PENGUINS_DB") or SAMPLE
    if uri.startswith("sqlite"):
        return SQLAlchemyConfig(uri)
    # In seconds, and a text: the protobuf of a task has no integers, and PostgreSQL takes no 10.0.
    return SQLAlchemyConfig(uri, connect_args={"connect_timeout": "10"}, secret_connect_args={"password": PASSWORD})


def checked(uri: str) -> URL:
    """Parses a URI; raises ValueError, which does not repeat it, for a password in it or no URI at all."""
    try:
        url = make_url(uri)
    except (SQLAlchemyError, ValueError):
        raise ValueError("PENGUINS_DB is not a database URI; write postgresql://user@host:5432/database") from None
    if url.password is not None or any("password" in name for name in url.query):
        raise ValueError(
            "PENGUINS_DB holds a password, which would be stored with every task; "
            "take it out and set PENGUINS_DB_PASSWORD"
        )
    return url


@functools.cache
def sample_file() -> Path:
    """Makes the SQLite file with all penguins; it is this process's own, and goes with it."""
    folder = tempfile.TemporaryDirectory(prefix="penguins-")
    atexit.register(folder.cleanup)
    file = Path(folder.name, "penguins.db")
    with connected(f"sqlite:///{file}") as connection:
        fill(connection)
    return file


def fill(connection: Connection) -> None:
    """Makes the table penguins with its 344 rows, all or nothing; what was not measured is null."""
    with connection.begin():
        penguins.load().to_sql("penguins", connection, index=False)


@contextmanager
def connected(
    uri: str, connect_args: Mapping[str, Any] | None = None, secret_connect_args: Mapping[str, Any] | None = None
) -> Iterator[Connection]:
    """Connects for the block under `with`.

    Args:
        uri: the database; SAMPLE for the file that is made here.
        connect_args: what the driver takes besides.
        secret_connect_args: the same, each a secret as a dictionary with its group and key.

    Raises:
        DatabaseError: for whatever goes wrong with the database, in the block too.
        ValueError: the URI holds a password or is none.
    """
    url = checked(f"sqlite:///{sample_file()}" if uri == SAMPLE else uri)
    arguments = {**(connect_args or {}), **secret_values(secret_connect_args or {})}
    with explained(url, "check PENGUINS_DB and PENGUINS_DB_PASSWORD"):
        connection = create_engine(url, connect_args=arguments, poolclass=NullPool).connect()
    with connection, explained(url, "if the table is missing: python -m sql_lesson.database"):
        yield connection


def secret_values(secrets: Mapping[str, Any]) -> dict[str, str]:
    """The values of secrets, from the environment or from where a cluster mounts them."""
    try:
        return {name: current_context().secrets.get(secret["group"], secret["key"]) for name, secret in secrets.items()}
    except ValueError:
        raise DatabaseError(
            "the password is not known; set PENGUINS_DB_PASSWORD (empty if there is none), "
            "or on a cluster make the secret penguins with the key db_password"
        ) from None


@contextmanager
def explained(url: URL, next_step: str) -> Iterator[None]:
    """Turns an error of the database, or the lack of its driver, into a DatabaseError."""
    try:
        yield
    except (SQLAlchemyError, PandasDatabaseError, ImportError) as error:
        # pandas wraps SQLAlchemy's error, which wraps the driver's. Its words, without the query at their end.
        inner = error.__cause__ if isinstance(error, PandasDatabaseError) else error
        words, _, _ = str(getattr(inner, "orig", None) or inner).partition("\nLINE ")
        raise DatabaseError(f"{url}: {' '.join(words.split()).rstrip('?.')}; {next_step}") from None


def main() -> None:
    target = config()
    if target.uri == SAMPLE:
        sys.exit("PENGUINS_DB is not set; without it the lesson makes an SQLite file by itself")
    # No task, so no secrets.
    password = os.environ.get("PENGUINS_DB_PASSWORD")
    arguments = {"password": password} if password else {}
    try:
        with connected(target.uri, {**(target.connect_args or {}), **arguments}) as connection:
            fill(connection)
    except (DatabaseError, ValueError) as error:
        sys.exit(str(error))
    print(f"{target.uri}: the table penguins is ready")


if __name__ == "__main__":
    main()
