"""Processes that make the same environment: they take turns, and one that is ended leaves nothing half-made."""

import os
import signal
import sys

import pytest
from tiny_environments import works

from tools.core import exclusive

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
def set_up(environment, start):
    """Starts processes that set the environment up."""
    return lambda: start(sys.executable, "-c", SET_UP, environment.lock.parent)


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
