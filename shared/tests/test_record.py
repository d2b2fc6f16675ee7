"""Files that are there whole or not at all, and names of runs."""

from pathlib import Path

import pytest
from workshop import record


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
    assert len(names) > 1
