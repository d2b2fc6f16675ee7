"""UPGRADE names packages: a pattern that matches none is an error, and nothing is locked."""

import pytest

from tools.upkeep import lock


@pytest.fixture
def locked(monkeypatch) -> list[str]:
    """The files that are locked; none is in fact."""
    files: list[str] = []
    monkeypatch.setattr(lock, "compile_lock", lambda file, _: files.append(file.name))
    monkeypatch.setattr(lock, "upgrade_pins", lambda file, *_: files.append(f"{file.name} upgraded"))
    return files


@pytest.mark.parametrize("pattern", ["flytekitt*", "yes", "flytekit==1.0", "*[", "-"])
def test_a_pattern_that_matches_nothing_is_one_line(pattern, locked, monkeypatch, stopped):
    monkeypatch.setenv("UPGRADE", pattern)
    monkeypatch.setenv("PROJECT", "flyte-basics")
    line = stopped(lock.lock)
    assert line.startswith(f"UPGRADE={pattern!r} matches no pinned package of projects/flyte-basics/requirements.in")
    monkeypatch.delenv("PROJECT")
    assert stopped(lock.lock).endswith(" more files; as in UPGRADE='flytekit*'")
    assert locked == []


@pytest.mark.parametrize("pattern", ["flytekit", "flyte*", "?lytekit", "*"])
def test_a_pattern_that_matches_something_is_followed(pattern, locked, monkeypatch):
    monkeypatch.setenv("UPGRADE", pattern)
    monkeypatch.setenv("PROJECT", "flyte-basics")
    lock.lock()
    assert locked == ["requirements.in upgraded", "requirements.in"]


@pytest.mark.parametrize("value", ["", "0", "1"])
def test_a_switch_is_no_pattern(value, locked, monkeypatch):
    monkeypatch.setenv("UPGRADE", value)
    monkeypatch.setenv("PROJECT", "flyte-basics")
    lock.lock()
    assert locked == ["requirements.in"]
