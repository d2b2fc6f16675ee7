"""How a target ends: in one line, whatever stops it."""

import errno
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tools.core.errors import Stop
from tools.core.paths import ROOT
from tools.core.reporting import both_ends, ends_in_one_line, last_line, table


def raising(error: BaseException):
    def work():
        raise error

    return work


def test_success_is_status_zero_and_says_nothing(capsys):
    assert ends_in_one_line("make x", lambda: None) == 0
    assert capsys.readouterr() == ("", "")


def test_the_status_of_the_work_is_the_status_of_the_target():
    assert ends_in_one_line("make x", lambda: 7) == 7


def test_stop_is_one_line_on_stderr_and_status_two(capsys):
    assert ends_in_one_line("make x", raising(Stop("PROJECT is missing"))) == 2
    assert capsys.readouterr() == ("", "make x: PROJECT is missing\n")


def test_ctrl_c_is_one_line_and_status_130(capsys):
    assert ends_in_one_line("make x", raising(KeyboardInterrupt())) == 130
    # Begins a line of its own, since the terminal has just printed ^C.
    assert capsys.readouterr().err == "\nmake x: interrupted; run the same command again to go on\n"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "no space is left on the disk"),
        (errno.EROFS, "the folder is read-only"),
        (errno.EACCES, "permission denied; check the owner"),
        (errno.EDQUOT, "quota"),
        (errno.EEXIST, "a file is where a folder is needed"),
        (errno.EFBIG, "ulimit -f unlimited"),
    ],
)
def test_a_disk_that_cannot_be_written_is_one_line_with_the_path(number, words, capsys):
    assert ends_in_one_line("make x", raising(OSError(number, "as the system says it", "/some/file"))) == 2
    told = capsys.readouterr().err
    assert told.startswith("make x: /some/file: ")
    assert words in told
    assert told.count("\n") == 1


def test_a_disk_error_without_a_path_is_told_without_one(capsys):
    assert ends_in_one_line("make x", raising(OSError(errno.ENOSPC, "full"))) == 2
    assert capsys.readouterr().err.startswith("make x: no space is left")


@pytest.mark.parametrize(
    "error",
    [FileNotFoundError(errno.ENOENT, "no such file"), ValueError("two\nlines"), SystemExit(3), Exception("\udcff")],
)
def test_what_nobody_foresaw_is_one_line_that_names_its_file(error, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert ends_in_one_line("make x", raising(error)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    words, _, file = line.rpartition(": ")
    assert words.startswith(f"make x: unexpected error: {type(error).__name__}:")
    assert words.endswith("; please report it with this file")
    assert "Traceback" in Path(file).read_text()


FEW, MANY = "print('x')", "[print('x', flush=True) for _ in range(9999)]"


def unread(folder: Path, *words: str) -> tuple[int, str]:
    """The exit status of a Python whose output nobody reads, and its errors."""
    command = f"{shlex.join([sys.executable, *words])} | true; exit ${{PIPESTATUS[0]}}"
    buffered = os.environ | {"PYTHONUNBUFFERED": "", "PYTHONPATH": str(ROOT)}
    process = subprocess.run(["bash", "-c", command], cwd=folder, env=buffered, capture_output=True, text=True)
    return process.returncode, process.stderr


@pytest.mark.parametrize("work", [FEW, MANY])
def test_a_reader_that_has_seen_enough_is_no_failure_to_report(work):
    code = f"import sys\nfrom tools.core.reporting import *\nsys.exit(ends_in_one_line('make x', lambda: {work} and 0))"
    assert unread(ROOT, "-c", code) == (0, "")


@pytest.mark.parametrize("work", [FEW, MANY])
def test_nor_does_it_end_a_module_that_knows_nothing_of_pipes(work, tmp_path):
    (tmp_path / "prints.py").write_text(f"{work}\nopen('done', 'w').close()\n")
    assert unread(tmp_path, "-m", "tools.core.interruptible", "prints") == (0, "")
    assert (tmp_path / "done").exists()


def test_an_output_that_is_closed_from_the_start_is_no_failure_to_report():
    code = "import sys; from tools.core.reporting import *; sys.exit(ends_in_one_line('make x', lambda: print('x')))"
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-c", code]
    answer = subprocess.run(closed, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_ends_such_a_module_in_one_line(tmp_path):
    (tmp_path / "prints.py").write_text(FEW)
    command = [sys.executable, "-m", "tools.core.interruptible", "prints"]
    with open("/dev/full", "w") as full:
        path = os.environ | {"PYTHONPATH": str(ROOT)}
        answer = subprocess.run(command, cwd=tmp_path, env=path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert answer.returncode == 2
    assert answer.stderr == "no space is left on the disk; free some and run the same command again\n"


def test_a_machine_that_takes_no_temporary_file_is_one_line():
    """As one whose disk is full, or whose folders are read-only."""
    command = ["sh", "-c", "ulimit -f 0; exec make run PROJECT=flyte-basics"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    line, _ = answer.stderr.splitlines()
    assert line.startswith("make run: temporary files cannot be written, neither in /tmp nor in other folders for them")


def test_a_long_text_is_shown_with_both_ends():
    assert both_ends(f"error: {400 * 'x'}\n {400 * 'y'} the end") == f"error: {293 * 'x'} … {142 * 'y'} the end"
    assert both_ends("one\n two\n") == "one two"
    assert both_ends("") == "it said nothing"


def test_a_table_has_columns_as_wide_as_their_widest_cell():
    assert table(("a", "long header"), [("wide cell", 1), ("x", "")]) == (
        "a          long header\n---------  -----------\nwide cell  1\nx"
    )


def test_a_table_without_rows_is_its_header():
    assert table(("a", "bc"), []) == "a  bc\n-  --"


@pytest.mark.parametrize(
    ("text", "line"), [("", "it said nothing"), (" \n\n", "it said nothing"), ("one\n  two\n\n", "two")]
)
def test_the_last_line_is_the_last_one_with_words(text, line):
    assert last_line(text) == line
