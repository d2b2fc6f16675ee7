"""A repository in a folder whose name programs misread is refused in one line, before anything is set up."""

from pathlib import Path

import pytest

from tools.core import paths


@pytest.mark.parametrize("letter", ["#", ":", "?", "[", "]", "*", '"', "$", "\\", "\n", "\t", "\udce4"])
def test_a_letter_that_is_misread_is_named(letter, monkeypatch, stopped):
    monkeypatch.setattr(paths, "ROOT", Path(f"/home/me/a{letter}b"))
    line = stopped(paths.need_path)
    assert line.endswith(f"holds {letter!r}; move or clone it to one without")


@pytest.mark.parametrize("path", ["/home/me/a clone", "/home/jürgen/🐧", "/home/o'brien/x-1_2.3@4+5,6;7&8(9)"])
def test_any_other_path_is_taken(path, monkeypatch):
    monkeypatch.setattr(paths, "ROOT", Path(path))
    paths.need_path()


@pytest.mark.parametrize("name", ["a#b", "a:b", "a[b]", "a?b", "two\nlines"])
def test_make_refuses_it_before_it_sets_anything_up(name, make_stops, clone, tmp_path):
    odd = clone.rename(tmp_path / name)
    line = make_stops("list", root=odd)
    assert line.startswith(f"set-up: the path of this folder, {str(odd)!r}, holds ")
    assert not (odd / ".tools").exists()


def test_a_folder_that_is_renamed_later_is_refused_too(make, make_stops, clone_with_uv, tmp_path):
    assert make("list", root=clone_with_uv).returncode == 0
    odd = clone_with_uv.rename(tmp_path / "a#b")
    try:
        assert "holds '#'" in make_stops("list", root=odd)
    finally:
        odd.rename(clone_with_uv)
