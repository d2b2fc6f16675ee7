"""Connects to the database of the surveys: the server that PENGUINS_DB names, or a temporary SQLite file.

The rules are those of the lesson sql: the address never contains the password, which is a secret.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from flytekit import Secret, current_context
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError

# On a cluster: the key db_password of the secret penguins. Locally: the variable PENGUINS_DB_PASSWORD.
PASSWORD = Secret(group="penguins", key="db_password", mount_requirement=Secret.MountType.ENV_VAR)
PASSWORD_IN_URI = re.compile(r"(pass(word|wd|phrase|code)?|pwd|secret|token)\s*=", re.IGNORECASE)


class DatabaseError(Exception):
    """The database is unreachable or reports an error. The message is one line that ends with the next step."""


def address() -> str:
    """Returns what PENGUINS_DB names on the machine that runs or registers the tasks; empty for an SQLite file.

    Raises:
        ValueError: the URI contains a password or is invalid.
    """
    uri = os.environ.get("PENGUINS_DB", "")
    if uri:
        checked(uri)  # before Flyte stores it with a task
    return uri


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


@contextmanager
def transaction(uri: str) -> Iterator[Connection]:
    """Connects for the duration of the `with` block: all that the block writes is kept, or nothing.

    Raises:
        DatabaseError: the database reports an error, also inside the block.
    """
    with tempfile.TemporaryDirectory() as folder:
        url = checked(uri or f"sqlite:///{Path(folder, 'surveys.db')}")
        is_file = url.get_backend_name() == "sqlite"
        arguments = {} if is_file else {"password": password(), "connect_timeout": 10}
        try:
            with create_engine(url, connect_args=arguments, poolclass=NullPool).begin() as connection:
                yield connection
        except (SQLAlchemyError, ImportError) as error:
            # The driver's first line says what is wrong.
            words, _, _ = str(getattr(error, "orig", None) or error).strip().partition("\n")
            raise DatabaseError(
                f"{url}: {' '.join(words.split()).rstrip('?.')}; check PENGUINS_DB and PENGUINS_DB_PASSWORD"
            ) from None


def password() -> str:
    """Returns the password. A cluster mounts it as a secret; locally, it comes from the environment."""
    try:
        return current_context().secrets.get(PASSWORD.group, PASSWORD.key)
    except ValueError:
        raise DatabaseError(
            "the database password is missing; set PENGUINS_DB_PASSWORD (empty if the database needs none), "
            "or on a cluster create the secret penguins with the key db_password"
        ) from None
