"""Files that are there whole or not at all, names of runs, and records that somebody has damaged."""

import errno
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from runner.harness import execution
from runner.lesson import Lesson
from runner.records import record, run_folder
from runner.records.files import write_atomically
from runner.records.run_folder import Run, runs_of

EXAMPLE = Path(__file__).parents[1] / "example"


# In a process of its own, in which no file can be longer than 100 bytes.
ON_A_SMALL_DISK = """
import resource, sys
from pathlib import Path
from runner.records.files import write_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    write_atomically(Path(sys.argv[1]), 101 * "x")
except OSError as error:
    sys.exit(error.errno)
"""


def test_a_write_that_fails_leaves_the_old_content_and_nothing_else(tmp_path):
    file = tmp_path / "record.json"
    write_atomically(file, "old")
    assert subprocess.run([sys.executable, "-c", ON_A_SMALL_DISK, str(file)]).returncode == errno.EFBIG
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_record_that_cannot_be_written_changes_nothing_about_the_run(tmp_path, capsys):
    lesson = Lesson.read(EXAMPLE)
    run = Run.start(lesson, lesson.entry_point, tmp_path, "make run PROJECT=example", {})
    for name in ("record.json", "index.html"):  # nothing can be moved to where a folder is
        (run.folder / name).unlink(missing_ok=True)
        (run.folder / name).mkdir()
    with run.recorded():
        run.record.outputs = {"greeting": "Hello"}
    run.tell()
    output, errors = capsys.readouterr()
    assert output == "greeting: Hello\n", "and no link to a page that is not there"
    assert [line.partition(" (")[0] for line in errors.splitlines()] == [
        "warning: not recorded: the end of the run, in record.json",
        "warning: not recorded: the page of the run",
    ]
    assert sorted(path.name for path in run.folder.iterdir()) == ["index.html", "lock", "record.json"]


def test_a_run_that_is_interrupted_before_its_first_task_says_so(tmp_path, monkeypatch):
    lesson = Lesson.read(EXAMPLE)
    run = Run.start(lesson, lesson.entry_point, tmp_path, "make run PROJECT=example", {})

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(execution, "ForkLauncher", interrupted)
    with pytest.raises(KeyboardInterrupt):
        execution.run_in_processes(run, None, {}, {})
    assert record.load(run.folder).status == "interrupted"
    assert (run.folder / "index.html").exists()


def test_the_start_of_a_run_counts_milliseconds_as_those_of_its_tasks_do(tmp_path, monkeypatch):
    monkeypatch.setattr(run_folder, "now", lambda: datetime(2026, 11, 30, 1, 2, 3, 456_000, UTC))
    lesson = Lesson.read(EXAMPLE)
    run = Run.start(lesson, lesson.entry_point, tmp_path, "make run PROJECT=example", {})
    assert run.record.started == "2026-11-30T01:02:03.456+00:00"


def test_runs_that_start_in_the_same_second_have_different_names():
    started = record.now()
    names = {record.new_run(started) for _ in range(20)}
    assert len(names) == 20


def saved(folder: Path, run: str) -> Path:
    """A run's folder with its record."""
    (folder / run).mkdir(parents=True)
    facts = {"title": "", "entry_point": "", "inputs": {}, "started": "2026-11-30T01:02:03+00:00", "provenance": {}}
    record.save(
        record.Record(lesson="l", run=run, command="make run PROJECT=l", kind=record.RUN, **facts), folder / run
    )
    return folder / run


@pytest.mark.parametrize(
    ("text", "why"), [("{", "not JSON: "), ("[]", "not a record"), ('{"tasks": 1}', "not a record")]
)
def test_a_damaged_record_is_told_and_skipped_among_others(tmp_path, text, why):
    kept, damaged = saved(tmp_path / "l", "1"), saved(tmp_path / "l", "2")
    (damaged / "record.json").write_text(text)
    with pytest.raises(record.Damaged, match=f"record.json is damaged \\({why}"):
        record.load(damaged)
    assert [folder.name for folder, _ in runs_of(SimpleNamespace(name="l"), tmp_path)] == [kept.name]


@pytest.mark.parametrize("name", ["started", "ended"])
def test_a_record_with_a_moment_that_is_none_is_damaged(tmp_path, name):
    folder = saved(tmp_path, "1")
    facts = json.loads((folder / "record.json").read_text())
    (folder / "record.json").write_text(json.dumps(facts | {name: "yesterday"}))
    with pytest.raises(record.Damaged, match="not a record of a run"):
        record.load(folder)
