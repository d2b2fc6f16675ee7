"""Files that are there whole or not at all, names of runs, and records that somebody has damaged."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from runner.records import record
from runner.records.run_folder import runs_of


def test_a_write_that_fails_leaves_the_old_content(tmp_path, monkeypatch):
    file = tmp_path / "record.json"
    record.write_atomically(file, "old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        record.write_atomically(file, "new")
    assert file.read_text() == "old"


def test_runs_that_start_in_the_same_second_have_different_names():
    started = record.now()
    names = {record.new_run(started) for _ in range(20)}
    assert len(names) == 20


def saved(folder: Path, run: str) -> Path:
    """A run's folder with its record."""
    (folder / run).mkdir(parents=True)
    facts = {"title": "", "entry_point": "", "inputs": {}, "started": "", "provenance": {}}
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
