"""How a command of the runner ends: one line, whatever happens, and a status that says what it was."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lessons import call, lesson_in, records

from runner.command import ended
from runner.errors import Done, Stop
from runner.terminal import lasting_stream


def raising(error: BaseException):
    def work():
        raise error

    return work


@pytest.fixture
def lasting(tmp_path, monkeypatch):
    monkeypatch.setenv("MACHINE_TMPDIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (Stop("x is wrong; do y"), 2, "make run: x is wrong; do y"),
        (KeyboardInterrupt(), 130, "\nmake run: interrupted"),
        (OSError(errno.ENOSPC, "full", "/some/file"), 2, "make run: /some/file: no space is left on the disk"),
        (OSError(errno.EFBIG, "too large"), 2, "make run: a file is larger than this shell allows; "),
    ],
)
def test_what_is_expected_is_one_line(error, status, line, lasting, capsys):
    assert ended("make run", raising(error)) == status
    assert capsys.readouterr().err.startswith(line)
    assert list(lasting.iterdir()) == []


def test_an_output_that_is_closed_from_the_start_is_no_failure():
    stream = lasting_stream(None)
    print("x", file=stream)
    stream.flush()


def test_what_is_done_needs_no_line(capsys):
    assert ended("make run", raising(Done())) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "error", [ValueError("two\nlines"), SystemExit(3), SystemExit(0), GeneratorExit(), Exception("\udcff")]
)
def test_what_nobody_foresaw_is_one_line_that_names_its_file(error, lasting, capsys):
    assert ended("make run", raising(error)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    words, _, file = line.rpartition(": ")
    assert words.startswith(f"make run: unexpected error: {type(error).__name__}:")
    assert words.endswith("; please report it with this file")
    assert "Traceback" in Path(file).read_text()


def test_a_folder_for_the_traceback_that_is_gone_is_told(monkeypatch, capsys):
    monkeypatch.setenv("MACHINE_TMPDIR", "/no/such/folder")
    assert ended("make run", raising(ValueError("x"))) == 1
    assert capsys.readouterr().err.endswith("please report it with this file: no file: No such file or directory\n")


def test_a_lesson_toml_that_is_gone_or_broken_is_one_line(tmp_path):
    lesson = lesson_in(tmp_path, "")
    (lesson / "lesson.toml").write_text("title =")
    for _ in range(2):
        process = call("run", lesson)
        assert process.returncode == 1
        assert len(process.stderr.splitlines()) == 1
        (lesson / "lesson.toml").unlink(missing_ok=True)


# Sleeps often: a signal that comes just before a sleep waits for its end.
SLOW = "import time\nopen('{}', 'w')\nwhile True:\n    time.sleep(0.1)\n"
# As modules of libraries do, which try whether another module exists.
CATCHES = "try:\n    " + SLOW.replace("\n", "\n    ") + "\nexcept BaseException:\n    pass\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    ("slow", "code"),
    [("flytekit/__init__.py", SLOW), ("made/made_lesson/workflow.py", SLOW), ("made/made_lesson/workflow.py", CATCHES)],
    ids=["flytekit", "lesson", "lesson that catches"],
)
def test_a_signal_is_one_line_from_the_first_import_on(tmp_path, number, slow, code):
    """While the runner imports flytekit, and while it imports the lesson; a group and make send it twice."""
    there = tmp_path / "there"
    lesson = lesson_in(tmp_path, "")
    (tmp_path / slow).parent.mkdir(exist_ok=True)
    (tmp_path / slow).write_text(code.format(there))
    command = [sys.executable, "-m", "runner", "run", str(lesson), str(tmp_path / "out"), "{}"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not there.exists():
        assert process.poll() is None
        time.sleep(0.05)
    for _ in range(2):
        process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (130, "")
    assert errors == "\nmake run: interrupted\n"
    assert records(lesson) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_python_starts_waits_until_it_can_be_one_line(tmp_path, number):
    lesson = lesson_in(tmp_path, "")
    signal.pthread_sigmask(signal.SIG_BLOCK, {number})  # as make does
    try:
        command = [sys.executable, "-m", "runner", "run", str(lesson), str(tmp_path / "out"), "{}"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    process.send_signal(number)
    assert process.communicate(timeout=60) == ("", "\nmake run: interrupted\n")
    assert process.returncode == 130


def test_a_terminal_that_closes_while_modules_are_imported_needs_no_traceback(tmp_path):
    lesson = lesson_in(tmp_path, "import os, signal\nos.close(2)\nos.kill(os.getpid(), signal.SIGHUP)\n")
    process = call("run", lesson)
    assert (process.returncode, process.stderr) == (130, "")
    assert not list(tmp_path.glob("traceback-*"))
