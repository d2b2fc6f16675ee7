"""An environment is made once for its lock, all of it or nothing, whoever else is at work or breaks in."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools.core import exclusive
from tools.core.paths import ROOT
from tools.environments import environment as module
from tools.environments.environment import Environment, content, remove_others
from tools.environments.uv import uv

# A lock with the smallest of the repository's packages.
LOCK = re.search(r"^packaging==.*", (ROOT / "tools" / "requirements.txt").read_text(), re.MULTILINE | re.DOTALL)[0]

# What `make setup` does for one environment, as a process that can be killed.
SET_UP = """
import sys
from pathlib import Path
from tools.core import exclusive, reporting
from tools.environments import environment

folder = Path(sys.argv[1])
environment.ROOT = exclusive.STATE = folder
environment.FOLDER = folder / "environments"
made = environment.Environment("tiny", folder / "requirements.txt")

def work():
    made.make()

sys.exit(reporting.ends_in_one_line("make setup", work))
"""


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """An environment of the smallest of the repository's locks."""
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(exclusive, "STATE", tmp_path)
    monkeypatch.setattr(module, "FOLDER", tmp_path / "environments")
    lock = tmp_path / "requirements.txt"
    lock.write_text(LOCK)
    content.cache_clear()
    yield Environment("tiny", lock)
    content.cache_clear()
    for file in module.in_use:
        file.close()
    module.in_use.clear()


def changed(environment: Environment, text: str) -> Environment:
    """The environment in the next call of make, after its lock has got this content."""
    environment.lock.write_text(text)
    content.cache_clear()
    return environment


@pytest.fixture
def set_up(environment):
    """Starts processes that set the environment up, each in a process group of its own."""
    started = []

    def set_up() -> subprocess.Popen:
        command = [sys.executable, "-c", SET_UP, environment.lock.parent]
        outputs = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen(command, cwd=ROOT, start_new_session=True, **outputs))
        return started[-1]

    yield set_up
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def works(environment: Environment) -> bool:
    return subprocess.run([environment.python, "-c", "import packaging"]).returncode == 0


def test_it_holds_what_the_lock_says_and_no_more(environment):
    assert works(environment.make())
    assert [path.name for path in environment.site_packages.glob("*.dist-info")] == ["packaging-26.3.dist-info"]


def test_it_says_what_it_does(environment, capsys):
    environment.make()
    started, ready = capsys.readouterr().out.splitlines()
    assert started == "tiny: installing 1 package from requirements.txt"
    assert re.fullmatch(r"tiny: environment ready after \d+\.\d s", ready)


def test_the_second_time_nothing_is_touched(environment, capsys):
    environment.make()
    before = (environment.folder / "made").stat().st_mtime_ns
    capsys.readouterr()
    environment.make()
    assert (environment.folder / "made").stat().st_mtime_ns == before
    assert capsys.readouterr().out == ""


def test_equal_locks_share_one(environment, tmp_path, capsys):
    environment.make()
    (tmp_path / "other.txt").write_text(environment.lock.read_text())
    other = Environment("other", tmp_path / "other.txt").make()
    assert other.folder == environment.folder
    assert "other" not in capsys.readouterr().out


def test_a_changed_lock_has_another_one_and_the_old_one_stays(environment):
    old = environment.make().python
    assert not changed(environment, LOCK + "# changed\n").is_made()
    assert environment.make().python != old
    assert works(environment)
    assert subprocess.run([old, "-c", "import packaging"]).returncode == 0, "something may still run in it"


def test_a_lock_that_changes_meanwhile_counts_from_the_next_target_on(environment, monkeypatch):
    """Installed is the content that the environment is found by, not what the file says by then."""
    text, uv_itself = environment.lock.read_text(), module.uv

    def slow(arguments, doing):
        environment.lock.write_text("tiny==1.0\n")
        uv_itself(arguments, doing)

    monkeypatch.setattr(module, "uv", slow)
    folder = environment.make().folder
    assert works(environment)
    assert (folder / "requirements.txt").read_text() == text
    content.cache_clear()
    assert environment.folder != folder


@pytest.mark.parametrize(("constant", "value"), [("PYTHON_VERSION", "3.12"), ("ROOT", Path("/elsewhere"))])
def test_another_python_version_or_a_moved_checkout_has_another_one(environment, monkeypatch, constant, value):
    environment.make()
    monkeypatch.setattr(module, constant, value)
    assert not environment.is_made()


def test_an_environment_whose_python_was_uninstalled_is_made_again(environment):
    environment.make()
    environment.python.unlink()
    environment.python.symlink_to("/no/longer/there/python")
    assert works(environment.make())


def test_a_wrong_hash_names_the_lock_and_the_next_step(environment, stopped, wheels, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    line = stopped(changed(environment, "tiny==1.0 --hash=sha256:" + 64 * "0").make)
    assert line.startswith("tiny: its environment could not be made from requirements.txt: ")
    assert "make lock" in line


def test_what_is_in_uvs_cache_needs_no_network(environment, monkeypatch):
    environment.make()
    (environment.folder / "made").unlink()
    for name in ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert works(environment.make())


def test_after_a_failure_it_is_not_taken_for_made(environment, stopped):
    spoiled = changed(environment, re.sub(r"sha256:\w{8}", "sha256:00000000", LOCK))
    stopped(spoiled.make)
    assert not spoiled.is_made()
    assert works(changed(environment, LOCK).make())


@pytest.mark.parametrize("left", ["a file", "an environment without packages"])
def test_what_a_killed_uv_left_is_made_again(environment, left):
    if left == "a file":
        environment.python.parent.mkdir(parents=True)
        environment.python.touch()
    else:
        uv(["venv", "--python", module.PYTHON_VERSION, environment.folder], "no venv")
    assert works(environment.make())


def test_it_works_below_a_path_with_a_space(environment, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FOLDER", tmp_path / "a b")
    assert works(environment.make())


def test_too_little_disk_stops_before_any_work(environment, monkeypatch, stopped):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=99_999_999))
    line = stopped(environment.make)
    assert line == f"100 MB of disk are needed at {module.FOLDER}, 99 MB are free; free some first"
    assert not environment.folder.exists()


def test_a_stale_lock_is_told_before_any_work(environment, stopped):
    (environment.lock.parent / "requirements.in").write_text("packaging==99\n")
    assert "asks for packaging==99, which its lock lacks" in stopped(environment.ensure)
    assert not environment.folder.exists()


def test_two_at_once_make_it_once(environment, set_up):
    # Both are held back until both wait, so that they do meet.
    with exclusive.exclusively(f"environment-{environment.digest[:16]}"):
        both = [set_up(), set_up()]
        for process in both:
            assert process.stdout.readline().endswith(": another target is at work on it; waiting for it\n")
    outputs = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("installing" in output for output in outputs) == 1
    assert works(environment)


def test_a_killed_set_up_leaves_nothing_that_passes_for_made_and_holds_no_lock(
    environment, set_up, silent_registry, capsys
):
    process = set_up()
    silent_registry.accept()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert environment.folder.exists()
    assert not environment.is_made()
    with exclusive.exclusively(f"environment-{environment.digest[:16]}"):
        assert capsys.readouterr().out == ""


def test_ctrl_c_is_one_line_and_nothing_passes_for_made(environment, set_up, silent_registry):
    process = set_up()
    silent_registry.accept()
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told == "\nmake setup: interrupted; run the same command again to go on\n"
    assert not environment.is_made()


def test_a_terminated_set_up_takes_its_uv_with_it(set_up, silent_registry):
    process = set_up()
    connection, _ = silent_registry.accept()
    process.terminate()
    process.wait()
    # The connection ends with the uv that made it.
    connection.settimeout(2)
    while connection.recv(4096):
        pass


def test_those_that_no_lock_asks_for_and_nobody_uses_are_removed(environment):
    unused = environment.make().folder
    for file in module.in_use:
        file.close()
    module.in_use.clear()
    used = changed(environment, LOCK + "# in use\n").make().folder
    wanted = changed(environment, LOCK + "# wanted\n").make()
    remove_others([wanted])
    assert not unused.exists()
    assert used.exists()
    assert wanted.is_made()
