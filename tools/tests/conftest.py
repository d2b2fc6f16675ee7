"""What the tests of tools/ share: make as a user calls it, copies of the repository, a wheel made here."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "runner")]

# A hook's repository is not what these tests are about, and they commit.
for name in [name for name in os.environ if name.startswith("GIT_")]:
    del os.environ[name]

pytest.register_assert_rewrite("repositories", "sandboxes")
pytest_plugins = ["repositories", "tiny_environments", "pretended_registry"]

NOT_IN_A_CLONE = shutil.ignore_patterns(".git", ".tools", ".venv*", "out", "__pycache__", ".*_cache", "*.whl")
# What `make test` itself, or a git hook that calls it, leaves in the environment of these tests.
OF_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PROJECT", "ARGS", "NAME", "RUN", "NEW", "SINCE", "FORMAT", "PARTS")
OF_SANDBOX = ("SPARK", "RAY", "VOLUME", "SANDBOX_MINUTES", "PENGUINS_DB_PASSWORD")
OF_CLUSTER = ("EXECUTION", "VERSION", "FAST", "REMOTE", "WAIT", "DOMAIN", "FLYTECTL_CONFIG", "FLYTE_PLATFORM_URL")
OF_IMAGES = ("REGISTRY", "PLATFORMS", "TORCH", "WHEELS", "JARS", "UV_TOML", "INDEX", "CERTIFICATES", "ATTEST")
OF_USERS = ("EMIT", "SBOM_GENERATOR", "DIRTY", "UPGRADE", "NO_CACHE", "JOBS", "WORKFLOW", "DEBUG", "PACKAGE", "WITH")
OF_LEARNERS = ("EXERCISE", "HINT", "SOLUTION", "RESET", "QUICK")
FROM_OUTSIDE = (*OF_MAKE, *OF_SANDBOX, *OF_CLUSTER, *OF_IMAGES, *OF_USERS, *OF_LEARNERS)


def outer_environment() -> dict[str, str]:
    """The environment variables of a fresh shell."""
    by_name = ("GIT_", "OPENLINEAGE_")
    return {k: v for k, v in os.environ.items() if k not in FROM_OUTSIDE and not k.startswith(by_name)}


@pytest.fixture(autouse=True)
def fresh_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ.keys() - outer_environment().keys():
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def make() -> Callable[..., subprocess.CompletedProcess]:
    """Runs make; `root` is the checkout to run it in, further names are environment variables."""

    def make(*words: str, root: Path = ROOT, **variables: str) -> subprocess.CompletedProcess:
        environment = outer_environment() | variables
        return subprocess.run(["make", *words], cwd=root, env=environment, capture_output=True, text=True, timeout=300)

    return make


@pytest.fixture(scope="session")
def make_stops(make) -> Callable[..., str]:
    """Runs make, which must stop on purpose and print nothing before, and returns its one line."""

    def make_stops(*words: str, **variables: object) -> str:
        answer = make(*words, **variables)
        line, of_make = answer.stderr.splitlines()
        assert (answer.returncode, answer.stdout) == (2, "")
        assert re.fullmatch(r"make: \*\*\* \[.*\] Error \d+", of_make)
        return line

    return make_stops


@pytest.fixture
def stopped() -> Callable[..., str]:
    """Calls a function that must raise Stop, and returns its one line."""
    from tools.core.errors import Stop

    def stopped(function: Callable, *arguments: object) -> str:
        with pytest.raises(Stop) as stop:
            function(*arguments)
        line = str(stop.value)
        assert line
        assert "\n" not in line
        return line

    return stopped


@pytest.fixture(scope="session")
def copied() -> Callable[[Path], Path]:
    """Copies the repository into a folder, as a fresh clone has it: nothing set up. Its path has a space."""
    return lambda folder: shutil.copytree(ROOT, folder / "a clone", ignore=NOT_IN_A_CLONE)


@pytest.fixture
def clone(copied: Callable[[Path], Path], tmp_path: Path) -> Path:
    """A copy of the repository."""
    return copied(tmp_path)


@pytest.fixture(scope="module")
def clone_with_uv(copied: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy for all tests of a module, with this checkout's uv, which need not be downloaded again."""
    folder = copied(tmp_path_factory.mktemp("clone"))
    (folder / ".tools").mkdir()
    (folder / ".tools" / "uv").symlink_to(ROOT / ".tools" / "uv")
    return folder


@pytest.fixture
def projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of projects/ that tools.lessons.catalog reads in place of the real one."""
    from tools.lessons import catalog

    folder = shutil.copytree(ROOT / "projects", tmp_path / "projects", ignore=NOT_IN_A_CLONE)
    monkeypatch.setattr(catalog, "PROJECTS", folder)
    return folder


@pytest.fixture
def add_wheel(tmp_path: Path) -> Callable[..., Path]:
    """Adds a version of a package of one module to a folder of wheels, and returns the folder."""
    folder = tmp_path / "wheels"
    folder.mkdir()

    def add_wheel(version: str, name: str = "tiny", code: str = "", needs: str = "") -> Path:
        with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            facts = f"{name}-{version}.dist-info"
            wheel.writestr(f"{name}.py", code)
            asked = f"Requires-Dist: {needs}\n" if needs else ""
            wheel.writestr(f"{facts}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{asked}")
            wheel.writestr(f"{facts}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{facts}/RECORD", "")
        return folder

    return add_wheel


@pytest.fixture
def wheels(add_wheel: Callable[..., Path]) -> Path:
    """A folder with a wheel of the package tiny, so that uv has something to install without a network."""
    return add_wheel("1.0")


@pytest.fixture
def silent_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A package registry that takes connections and never answers, the only one that uv knows."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        registry_at(monkeypatch, server.getsockname()[1])
        yield server


@pytest.fixture
def no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """uv knows only a registry where nobody listens, and has nothing in its cache."""
    registry_at(monkeypatch, 9)


def registry_at(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    others = ("UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_OFFLINE")
    for name in [name for name in os.environ if name.startswith("PIP_") or name in others]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://user:secret-word@127.0.0.1:{port}/simple")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen]]:
    """Starts a command in a checkout, as the first process of a group that ends with the test."""
    started = []

    def start(*command: object, root: Path = ROOT, stderr: int = subprocess.PIPE) -> subprocess.Popen:
        pipes = {"stdout": subprocess.PIPE, "stderr": stderr, "text": True}
        started.append(subprocess.Popen(command, cwd=root, start_new_session=True, **pipes))
        return started[-1]

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """The folder of a run that is there to be emitted, in the folder of all runs."""
    from emitted_run import a_record

    from runner.records.record import save

    record = a_record()
    folder = tmp_path / record.lesson / record.run
    folder.mkdir(parents=True)
    save(record, folder)
    return folder


@pytest.fixture
def emitted(run_folder: Path, tmp_path: Path, capsys) -> Callable[..., tuple[int, str, list[dict]]]:
    """Prints and writes the lineage of the run, or sends it; returns the exit status, the errors, and the events."""

    from tools.core.reporting import ends_in_one_line
    from tools.lineage import emit

    def emitted(what: str = "write") -> tuple[int, str, list[dict]]:
        words = ("flyte-basics", str(tmp_path), "https://git.example/team/lessons", "", what)
        status = ends_in_one_line("make lineage", lambda: emit.main(*words))
        file = run_folder / emit.FILE
        lines = file.read_text().splitlines() if file.exists() else []
        return status, capsys.readouterr().err, [json.loads(line) for line in lines]

    return emitted
