"""An environment is made once for its lock, all of it or nothing, whoever else is at work or breaks in."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tools.core.paths import ROOT
from tools.environments import environment
from tools.environments.environment import Environment
from tools.environments.uv import uv

# What `make setup` does for one environment, as a process that can be killed.
SET_UP = """
import sys
from pathlib import Path
from tools.environments import environment
from tools.core import reporting

folder = Path(sys.argv[1])
environment.ROOT = environment.STATE = folder
environment = environment.Environment("tiny", folder / ".venv", folder / "requirements.txt")

def work():
    environment.ensure()

sys.exit(reporting.ends_in_one_line("make setup", work))
"""


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """An environment of the smallest of the repository's locks."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "STATE", tmp_path)
    lock = shutil.copy(ROOT / "tools" / "requirements.txt", tmp_path)
    return Environment("tiny", tmp_path / ".venv", tmp_path / lock)


@pytest.fixture
def set_up(environment):
    """Starts processes that set the environment up, each in a process group of its own."""
    started = []

    def set_up() -> subprocess.Popen:
        command = [sys.executable, "-c", SET_UP, environment.folder.parent]
        outputs = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen(command, cwd=ROOT, start_new_session=True, **outputs))
        return started[-1]

    yield set_up
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def stamp(environment):
    return environment.folder / "made-from"


def works(environment) -> bool:
    return subprocess.run([environment.python, "-c", "import msgspec"]).returncode == 0


def spoil(lock):
    """Gives a lock hashes that nothing has."""
    lock.write_text(re.sub(r"sha256:\w{8}", "sha256:00000000", lock.read_text()))


def test_it_holds_what_the_lock_says_and_no_more(environment):
    assert works(environment.ensure())
    assert [path.name for path in environment.site_packages.glob("*.dist-info")] == ["msgspec-0.22.0.dist-info"]


def test_it_says_what_it_does(environment, capsys):
    environment.ensure()
    started, ready = capsys.readouterr().out.splitlines()
    assert started == "tiny: installing 1 package from requirements.txt"
    assert re.fullmatch(r"tiny: environment ready after \d+\.\d s", ready)


def test_the_second_time_nothing_is_touched(environment, capsys):
    before = stamp(environment.ensure()).stat().st_mtime_ns
    capsys.readouterr()
    environment.ensure()
    assert stamp(environment).stat().st_mtime_ns == before
    assert capsys.readouterr().out == ""


def test_a_changed_lock_makes_it_again(environment):
    environment.ensure()
    (environment.folder / "left-over").touch()
    with environment.lock.open("a") as lock:
        lock.write("# changed\n")
    assert not environment.is_current()
    assert works(environment.ensure())
    assert not (environment.folder / "left-over").exists()


def test_another_python_version_makes_it_again(environment, monkeypatch):
    environment.ensure()
    monkeypatch.setattr(environment, "PYTHON_VERSION", "3.12")
    assert not environment.is_current()


def test_a_moved_environment_is_made_again(environment):
    environment.ensure()
    moved = environment.folder.rename(environment.folder.with_name("moved"))
    assert not replace(environment, folder=moved).is_current()


def test_an_environment_whose_python_was_uninstalled_is_made_again(environment):
    environment.ensure()
    environment.python.unlink()
    environment.python.symlink_to("/no/longer/there/python")
    assert works(environment.ensure())


def test_a_wrong_hash_names_the_lock_and_the_next_step(environment, stopped, wheels, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    environment.lock.write_text("tiny==1.0 --hash=sha256:" + 64 * "0")
    line = stopped(environment.ensure)
    assert line.startswith(
        "tiny: its environment could not be made from requirements.txt: the lock and the registry disagree "
        "about a hash; if the lock was changed by hand, make it again: make lock"
    )


def test_what_is_in_uvs_cache_needs_no_network(environment, monkeypatch):
    environment.ensure()
    stamp(environment).unlink()
    for name in ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert works(environment.ensure())


def test_after_a_failure_it_is_not_taken_for_made(environment, stopped):
    good = environment.ensure().lock.read_text()
    spoil(environment.lock)
    stopped(environment.ensure)
    assert not stamp(environment).exists()
    # Even when the lock is again the one that it was made from before.
    environment.lock.write_text(good)
    assert works(environment.ensure())


def test_what_a_killed_uv_or_half_a_removal_left_is_made_again(environment):
    bin_folder = environment.folder / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "python").touch()
    assert works(environment.ensure())


def test_a_folder_without_packages_and_stamp_is_made_again(environment):
    uv(["venv", "--python", environment.PYTHON_VERSION, environment.folder], "no venv")
    assert works(environment.ensure())


def test_a_half_written_stamp_does_not_count(environment):
    environment.ensure()
    stamp(environment).write_text("")
    assert works(environment.ensure())
    assert stamp(environment).read_text() == environment.digest()


def test_it_works_below_a_path_with_a_space(environment):
    spaced = replace(environment, folder=environment.folder.parent / "a b" / ".venv")
    spaced.folder.parent.mkdir()
    assert works(spaced.ensure())
    assert spaced.is_current()


def test_too_little_disk_stops_before_any_work(environment, monkeypatch, stopped):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=99_999_999))
    line = stopped(environment.ensure)
    assert line == f"100 MB of disk are needed at {environment.folder.parent}, 99 MB are free; free some first"
    assert not environment.folder.exists()


def test_two_at_once_make_it_once(environment, set_up):
    # Both are held back until both wait, so that they do meet.
    with environment.exclusively("tiny"):
        both = [set_up(), set_up()]
        for process in both:
            assert process.stdout.readline() == "tiny: another target is at work on it; waiting for it\n"
    outputs = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("installing" in output for output in outputs) == 1
    assert works(environment)


def test_a_killed_set_up_leaves_no_stamp_and_holds_no_lock(environment, set_up, silent_registry, capsys):
    process = set_up()
    silent_registry.accept()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert environment.folder.exists()
    assert not environment.is_current()
    with environment.exclusively("tiny"):
        assert capsys.readouterr().out == ""


def test_ctrl_c_is_one_line_and_leaves_no_stamp(environment, set_up, silent_registry):
    process = set_up()
    silent_registry.accept()
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told == "\nmake setup: interrupted; run the same command again to go on\n"
    assert not stamp(environment).exists()


def test_a_terminated_set_up_takes_its_uv_with_it(set_up, silent_registry):
    process = set_up()
    connection, _ = silent_registry.accept()
    process.terminate()
    process.wait()
    # The connection ends with the uv that made it.
    connection.settimeout(2)
    while connection.recv(4096):
        pass
