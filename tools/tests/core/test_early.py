"""A signal while the tools are imported, or later: one line, no traceback, whatever the moment."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import pytest

from tools.core import interruptible
from tools.core.paths import ROOT
from tools.core.process import call

SLOW = """
import importlib, sys, time
sys.argv = ["tools", "list"]
import tools.__main__ as main
main.TARGETS["list"], main.FUNCTIONS["list"] = "slow", "work"
main.leave_at_once("make list")
print("imported", flush=True)
{before}
sys.exit(main.main("list"))
"""
MODULE = (
    "import time\nprint('module', flush=True)\n{}\ndef work():\n    print('work', flush=True)\n    time.sleep(60)\n"
)


CLEANS_UP = """
import time

def work():
    try:
        print('work', flush=True)
        time.sleep(60)
    finally:
        time.sleep(0.5)
        print('clean')
"""


@pytest.fixture
def slow(tmp_path):
    """Starts `make list` with this code as the module of the target; `before` comes before the module is imported."""

    def slow(module: str, before: str = "", wrapper: Sequence[str] = ()) -> subprocess.Popen:
        (tmp_path / "slow.py").write_text(module)
        path = os.pathsep.join([str(tmp_path), str(ROOT)])
        command = [*wrapper, sys.executable, "-c", SLOW.format(before=before)]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path, "TMPDIR": str(tmp_path)}, **pipes)

    return slow


def wait_for(word: str, process: subprocess.Popen) -> None:
    while (process.stdout.readline() or "gone").strip() != word:
        assert process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("moment", ["imported", "module", "work"])
def test_a_signal_is_one_line(moment, number, slow):
    module = MODULE.format("time.sleep(60)" if moment == "module" else "")
    process = slow(module, before="import time; time.sleep(60)" if moment == "imported" else "")
    wait_for(moment, process)
    time.sleep(0.1)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert len(errors.split()) > 1
    assert len(errors.strip().splitlines()) == 1
    assert errors.strip().startswith("make list: ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_no_module_can_catch_a_signal_while_it_is_imported(number, slow):
    caught = f"import os\ntry:\n    os.kill(os.getpid(), {number:d})\nexcept BaseException:\n    pass\n"
    process = slow(caught + "def work():\n    print('work')\n")
    assert process.communicate(timeout=60) == ("imported\n", "\nmake list: interrupted\n")
    assert process.returncode == 128 + number


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_make_passes_on_again_is_the_same_one(number, slow):
    process = slow(CLEANS_UP)
    wait_for("work", process)
    process.send_signal(number)
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output.strip()) == (128 + number, "clean")
    assert len(errors.strip().splitlines()) == 1


def test_a_terminal_that_closes_while_modules_are_imported_needs_no_traceback(slow, tmp_path):
    process = slow("import os, signal\nos.close(2)\nos.kill(os.getpid(), signal.SIGHUP)\n")
    assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 128 + signal.SIGHUP
    assert not list(tmp_path.glob("traceback-*"))


def test_under_nohup_a_hang_up_is_nothing(slow):
    process = slow("import os, signal\ndef work():\n    os.kill(os.getpid(), signal.SIGHUP)\n", wrapper=["nohup"])
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors


CTRL_C = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"


def interrupted_make(make, folder) -> str:
    """What `make list` says if Ctrl-C comes while Python starts: one of the first modules sends the signal."""
    (folder / "sitecustomize.py").write_text(CTRL_C)
    answer = make("list", root=folder)
    assert (answer.returncode, answer.stdout) == (2, "")
    return answer.stderr


def test_ctrl_c_while_the_python_of_set_up_starts_is_one_line(make, clone):
    told = interrupted_make(make, clone)
    assert re.fullmatch(r"\nset-up: interrupted\nmake: \*\*\* \[.*\] Error 130\n", told)
    assert not (clone / ".tools").exists()


def test_ctrl_c_while_the_python_of_the_tools_starts_is_one_line(make, clone_with_uv):
    assert make("list", root=clone_with_uv).returncode == 0
    told = interrupted_make(make, clone_with_uv)
    assert re.fullmatch(r"\nmake list: interrupted\nmake: \*\*\* \[.*\] Error 130\n", told)


def test_ctrl_c_ends_a_module_that_knows_nothing_of_signals(tmp_path, capfd):
    (tmp_path / "tools").symlink_to(ROOT / "tools")
    (tmp_path / "slow.py").write_text(CTRL_C)
    assert call(interruptible.command(sys.executable, "slow"), tmp_path) == 130
    assert capfd.readouterr() == ("", "")
