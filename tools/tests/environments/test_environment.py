"""An environment is made once for its lock, all of it or nothing, whoever else is at work or breaks in."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from tiny_environments import LOCK, changed, works

from tools.environments import environment as module
from tools.environments.environment import Environment, content, remove_others
from tools.environments.uv import uv


def test_it_holds_what_the_lock_says_and_no_more(environment):
    assert works(environment.make())
    (version,) = re.findall(r"^packaging==(\S+)", LOCK, re.MULTILINE)
    assert [path.name for path in environment.site_packages.glob("*.dist-info")] == [f"packaging-{version}.dist-info"]


def test_it_says_what_it_does(environment, capsys):
    environment.make()
    started, ready = capsys.readouterr().out.splitlines()
    assert started == "tiny: installing 1 package from requirements.txt"
    assert re.fullmatch(r"tiny: environment ready after \d+\.\d s", ready)


def test_the_second_time_nothing_is_touched(environment, capsys):
    environment.make()
    before = (environment.folder / "made").stat().st_mtime_ns
    capsys.readouterr()
    environment.make()
    assert (environment.folder / "made").stat().st_mtime_ns == before
    assert capsys.readouterr().out == ""


def test_equal_locks_share_one(environment, tmp_path, capsys):
    environment.make()
    (tmp_path / "other.txt").write_text(environment.lock.read_text())
    other = Environment("other", tmp_path / "other.txt").make()
    assert other.folder == environment.folder
    assert "other" not in capsys.readouterr().out


def test_a_changed_lock_has_another_one_and_the_old_one_stays(environment):
    old = environment.make().python
    assert not changed(environment, LOCK + "# changed\n").is_made()
    assert environment.make().python != old
    assert works(environment)
    assert subprocess.run([old, "-c", "import packaging"]).returncode == 0, "something may still run in it"


def test_a_lock_that_changes_meanwhile_counts_from_the_next_target_on(environment, monkeypatch):
    """Installed is the content that the environment is found by, not what the file says by then."""
    text, uv_itself = environment.lock.read_text(), module.uv

    def slow(arguments, doing):
        environment.lock.write_text("tiny==1.0\n")
        uv_itself(arguments, doing)

    monkeypatch.setattr(module, "uv", slow)
    folder = environment.make().folder
    assert works(environment)
    assert (folder / "requirements.txt").read_text() == text
    content.cache_clear()
    assert environment.folder != folder


@pytest.mark.parametrize(("constant", "value"), [("PYTHON_VERSION", "3.99"), ("ROOT", Path("/elsewhere"))])
def test_another_python_version_or_a_moved_checkout_has_another_one(environment, monkeypatch, constant, value):
    environment.make()
    monkeypatch.setattr(module, constant, value)
    assert not environment.is_made()


def test_another_lock_or_other_metadata_of_an_editable_package_has_another_one(environment):
    package = environment.lock.parent / "package"
    package.mkdir()
    files = [package / "pyproject.toml", package / "requirements.txt"]
    files[0].write_text('[project]\nname = "x"\n')
    found = [replace(environment, packages=(package,)).folder]
    for file in (files[1], *files):
        file.write_text(f"# {len(found)}\n")
        content.cache_clear()
        found.append(replace(environment, packages=(package,)).folder)
    assert len({*found, environment.folder}) == 5


def test_an_environment_whose_python_was_uninstalled_is_made_again(environment):
    environment.make()
    environment.python.unlink()
    environment.python.symlink_to("/no/longer/there/python")
    assert works(environment.make())


def test_a_wrong_hash_names_the_lock_and_the_next_step(environment, stopped, wheels, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    line = stopped(changed(environment, "tiny==1.0 --hash=sha256:" + 64 * "0").make)
    assert line.startswith("tiny: its environment could not be made from requirements.txt: ")
    assert "make lock" in line


def test_what_is_in_uvs_cache_needs_no_network(environment, monkeypatch):
    environment.make()
    (environment.folder / "made").unlink()
    for name in ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert works(environment.make())


def test_after_a_failure_it_is_not_taken_for_made(environment, stopped):
    spoiled = changed(environment, re.sub(r"sha256:\w{8}", "sha256:00000000", LOCK))
    stopped(spoiled.make)
    assert not spoiled.is_made()
    assert works(changed(environment, LOCK).make())


@pytest.mark.parametrize("left", ["a file", "an environment without packages"])
def test_what_a_killed_uv_left_is_made_again(environment, left):
    if left == "a file":
        environment.python.parent.mkdir(parents=True)
        environment.python.touch()
    else:
        uv(["venv", "--python", module.PYTHON_VERSION, environment.folder], "no venv")
    assert works(environment.make())


def test_it_works_below_a_path_with_a_space(environment, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FOLDER", tmp_path / "a b")
    assert works(environment.make())


def test_too_little_disk_stops_before_any_work(environment, monkeypatch, stopped):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=99_999_999))
    line = stopped(environment.make)
    assert line == f"100 MB of disk are needed at {module.FOLDER}, 99 MB are free; free some first"
    assert not environment.folder.exists()


def test_a_stale_lock_is_told_before_any_work(environment, stopped):
    (environment.lock.parent / "requirements.in").write_text("packaging==99\n")
    assert "asks for packaging==99, which its lock lacks" in stopped(environment.ensure)
    assert not environment.folder.exists()


def test_those_that_no_lock_asks_for_and_nobody_uses_are_removed(environment):
    unused = environment.make().folder
    for file in module.in_use:
        file.close()
    module.in_use.clear()
    used = changed(environment, LOCK + "# in use\n").make().folder
    wanted = changed(environment, LOCK + "# wanted\n").make()
    remove_others([wanted])
    assert not unused.exists()
    assert used.exists()
    assert wanted.is_made()


def test_a_link_replaces_a_link_and_no_folder(environment, tmp_path, capsys):
    place = tmp_path / ".venv"
    place.symlink_to("elsewhere")
    environment.make().link(place)
    assert place.resolve() == environment.folder
    place.unlink()
    (place / "mine").mkdir(parents=True)
    capsys.readouterr()
    environment.link(place)
    assert (place / "mine").is_dir()
    assert capsys.readouterr().out.startswith(f"{place} is a folder, so that it does not lead to the environment; ")
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".venv.")] == []
