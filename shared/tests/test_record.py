"""Provenance of a run, and files that are there whole or not at all."""

import subprocess
from pathlib import Path

import pytest
from workshop import record

EXAMPLE = Path(__file__).with_name("example")


def test_provenance_tells_code_lock_and_direct_dependencies():
    provenance = record.provenance(EXAMPLE)
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=EXAMPLE, capture_output=True, text=True)
    assert provenance["revision"] == (revision.stdout.strip() or None)
    assert len(provenance["lock sha256"]) == 64
    assert provenance["flytekit"].startswith("1.16.")


def test_outside_a_checkout_the_revision_is_unknown(tmp_path):
    assert record.git(tmp_path, "rev-parse", "HEAD") is None


def test_direct_dependencies_are_names_without_extras_and_comments(tmp_path):
    file = tmp_path / "requirements.in"
    file.write_text("# first==0\nflytekit==1.16.31\npsycopg[binary]==3.3.9  # a driver\n")
    assert record.direct_dependencies(file) == ["flytekit", "psycopg"]


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
