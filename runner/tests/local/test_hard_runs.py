"""`python -m runner run` of workflows that are hard to run, to record and to end: what is printed, kept and left."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lessons import lesson_in
from running import HERE, gone

from runner.harness.forks import can_fork


class Lesson:
    """A lesson whose entry point is one of the hard cases, and its runs."""

    def __init__(self, folder: Path, workflow: str, module: str):
        self.out, self.temporary = folder / "out", folder / "temporary"
        self.temporary.mkdir()
        self.folder = lesson_in(folder, (HERE / f"{module}.py").read_bytes(), f"made_lesson.workflow:{workflow}")
        shutil.copy(HERE / "hard_cases.py", self.folder)  # imported by other modules of cases

    def start(self, *words: str, terminal: int = subprocess.PIPE, **variables: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "runner", "run", str(self.folder), str(self.out), "{}", *words]
        environment = os.environ | {"TMPDIR": str(self.temporary)} | variables
        streams = {"stdout": terminal, "stderr": terminal, "text": True}
        return subprocess.Popen(command, env=environment, start_new_session=terminal != subprocess.PIPE, **streams)

    def run(self, *words: str, **variables: str) -> tuple[int, str, str]:
        """Status, output and errors; the temporary folder goes with the command, as it does with `make run`."""
        process = self.start(*words, **variables)
        output, errors = process.communicate()
        shutil.rmtree(self.temporary)
        return process.returncode, output, errors

    @property
    def run_folder(self) -> Path:
        (folder,) = (folder for folder in (self.out / "made").iterdir() if folder.name != ".cache")
        return folder

    def record(self) -> dict:
        """The record, by a reader that takes nothing but JSON."""
        return json.loads((self.run_folder / "record.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)


@pytest.fixture
def lesson(tmp_path: Path):
    return lambda workflow, module="hard_cases": Lesson(tmp_path, workflow, module)


def test_a_record_is_json_for_every_reader(lesson):
    of = lesson("not_finite")
    assert of.run("--number", "nan")[0] == 0
    assert of.record()["inputs"] == {"number": "nan"}
    assert of.record()["outputs"] == {"o0": "nan", "o1": "nan"}


def test_what_a_terminal_would_obey_is_shown(lesson):
    of = lesson("in_colours")
    status, output, errors = of.run()
    assert (status, errors) == (0, "")
    assert "o0: \\x1b[31mred\\x1b[0m \\u202e" in output.splitlines()
    assert "\x1b" not in output
    assert of.record()["outputs"] == {"o0": "\x1b[31mred\x1b[0m \u202e"}


def test_a_terminal_that_cannot_show_a_character_does_not_end_a_run(lesson):
    status, output, _ = lesson("parts").run(PYTHONIOENCODING="ascii")
    assert status == 0
    assert "o0: 2 one ['x', 'y']" in output


def test_a_reader_that_has_seen_enough_does_not_end_a_run(lesson):
    of = lesson("parts")
    process = of.start()
    process.stdout.close()
    process.stderr.close()
    assert process.wait() == 0
    assert of.record()["status"] == "succeeded"


def test_what_a_task_stores_outlives_its_run_and_is_named_where_its_value_says_nothing(lesson):
    of = lesson("stored")
    status, output, errors = of.run()
    assert (status, errors) == (0, "")
    outputs = of.record()["outputs"]
    assert outputs["o5"] == 3
    thing, table, files, folder, words = (outputs[f"o{number}"] for number in range(5))
    assert f"o0: {thing}" in output.splitlines()
    for path in (thing, table, folder, words):
        assert Path(path).is_relative_to(of.run_folder)
        assert Path(path).exists()
    assert next(Path(folder).iterdir()).read_text() == "in a folder"
    assert Path(files.strip("[]")).read_text() == "several"
    assert Path(words).read_text() == "a b c"
    assert not (Path.cwd() / "words.txt").exists()


def test_a_file_of_a_store_that_is_handed_on_is_named_by_its_address(lesson):
    of = lesson("handed_on")
    status, output, errors = of.run()
    assert (status, errors) == (0, "")
    assert "o0: https://example.org/a.csv" in output.splitlines()
    assert of.record()["outputs"] == {"o0": "https://example.org/a.csv", "o1": ["https://example.org/a.csv"]}


def test_an_error_of_megabytes_is_bounded_on_screen_and_whole_in_the_file(lesson):
    of = lesson("failing_at_length", "ending_cases")
    status, output, errors = of.run()
    assert status == 1
    assert len(output) + len(errors) < 5_000
    assert "\x1b" not in output + errors
    assert (of.run_folder / "error.txt").read_text().count("x" * 3_000_000) == 2  # its traceback, and its words
    assert (of.run_folder / "index.html").stat().st_size < 200_000
    assert (of.run_folder / "record.json").stat().st_size < 200_000


def test_all_lines_of_an_error_stand_on_the_page(lesson):
    of = lesson("failing_in_lines", "ending_cases")
    assert of.run("--text", "first\nsecond <b>")[0] == 1
    assert "ValueError: first\nsecond &lt;b&gt;" in (of.run_folder / "index.html").read_text()


def test_what_is_not_run_is_one_line_with_status_2(lesson):
    status, _, errors = lesson("pausing", "refused_cases").run()
    assert status == 2
    assert errors.count("\n") == 1
    assert errors.startswith("make run: node n1 of pausing waits (sleep, wait_for_input or approve), which the harness")


def test_what_flytekit_refuses_is_one_line_with_status_2_and_its_traceback_in_a_file(lesson):
    of = lesson("without_an_else", "refused_cases")
    status, _, errors = of.run()
    assert status == 2
    assert errors.count("\n") == 1
    assert errors.startswith("make run: without_an_else: flytekit refuses it: FlyteValidationException: Failed to bind")
    assert "; to find the line: make typecheck PROJECT=made (traceback: " in errors
    assert "in compile" in (of.run_folder / "error.txt").read_text()


def test_a_file_in_the_place_of_the_folder_of_runs_is_one_line(lesson):
    of = lesson("parts")
    of.out.touch()
    status, _, errors = of.run()
    assert (status, errors) == (
        2,
        f"make run: {of.out} is not a folder, so no run can be kept there; move it or delete it\n",
    )


def started(process: subprocess.Popen, file: Path) -> list[int]:
    """The numbers of the processes of a task, once it has written them into a file; the first is the task's own."""
    while not file.exists() or not file.read_text():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    return list(map(int, file.read_text().split()))


def assert_interrupted(of: Lesson) -> None:
    """Fails unless the record says that the run was interrupted, and the task aborted, and there is a page."""
    record = of.record()
    assert (record["status"], [task["status"] for task in record["tasks"]]) == ("interrupted", ["aborted"])
    assert "interrupted" in (of.run_folder / "index.html").read_text()
    assert not [path for path in of.out.rglob(".*") if path.is_file()], "a file that was half written"


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice, since make and tools pass it on"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_process_and_the_end_in_the_record(lesson, tmp_path, number, times):
    of, file = lesson("waiting_with_a_child", "ending_cases"), tmp_path / "started"
    process = of.start("--file", str(file), FLYTE_SDK_LOGGING_LEVEL="50")
    pids = started(process, file)
    for _ in range(times):
        process.send_signal(number)
    output, errors = process.communicate()
    assert process.returncode == 130
    assert len((output + errors).splitlines()) <= 5
    assert_interrupted(of)
    assert [pid for pid in pids if not gone(pid)] == []


@pytest.mark.skipif(not can_fork(), reason="forks are for Linux")
def test_a_terminal_that_closes_leaves_no_fork_and_the_end_in_the_record(lesson, tmp_path):
    of, file = lesson("waiting_with_a_child", "ending_cases"), tmp_path / "started"
    ours, theirs = os.openpty()
    process = of.start("--file", str(file), terminal=theirs)
    pids = started(process, file)
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in (process.pid, pids[0])]
    assert commands[0] == commands[1], "the task is a fork of the driver's"
    os.close(theirs)
    os.close(ours)
    os.killpg(process.pid, signal.SIGHUP)
    assert process.wait() == 130
    assert_interrupted(of)
    assert [pid for pid in pids if not gone(pid)] == []
