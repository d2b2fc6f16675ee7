"""`make new-project` that fails, or is called twice at once: a whole lesson or none, and every other target works."""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tools.lessons import catalog
from tools.upkeep import derived, scaffold

STALE = "from tools.upkeep import derived; print([file.name for file in derived.stale()])"


@pytest.fixture(scope="module")
def checkout(clone_with_uv, make) -> Path:
    """A clone that is set up."""
    assert make("list", root=clone_with_uv).returncode == 0
    return clone_with_uv


@pytest.fixture
def start(start, checkout):
    """Starts `make new-project` in the clone; what it makes is removed after the test."""
    projects, kept = checkout / "projects", ("README.md", "docker-bake.json")
    before, texts = set(projects.iterdir()), {name: (checkout / name).read_bytes() for name in kept}
    yield lambda name: start("make", "new-project", f"NAME={name}", root=checkout)
    for folder in set(projects.iterdir()) - before:
        shutil.rmtree(folder)
    for name, text in texts.items():
        (checkout / name).write_bytes(text)


def assert_sound(checkout: Path, make) -> None:
    """Every lesson can be read, and all that is derived from them is fresh."""
    answer = make("list", root=checkout)
    assert (answer.returncode, answer.stderr) == (0, "")
    stale = subprocess.run(
        [checkout / ".tools/venv/bin/python", "-c", STALE], cwd=checkout, capture_output=True, text=True
    )
    assert (stale.stdout, stale.stderr) == ("[]\n", "")


def test_two_at_once_make_two_lessons(start, checkout, make):
    both = [start("first-one"), start("second-one")]
    for process in both:
        _, errors = process.communicate(timeout=120)
        assert (process.returncode, errors) == (0, "")
    assert_sound(checkout, make)
    listed = make("list", root=checkout).stdout
    assert "first-one" in listed
    assert "second-one" in listed


def test_of_two_with_one_name_one_is_made(start, checkout, make):
    both = [start("same-name"), start("same-name")]
    ends = [(process.communicate(timeout=120)[1], process.returncode) for process in both]
    (line, _), _ = sorted(ends, key=lambda end: end[1], reverse=True)
    assert sorted(status for _, status in ends) == [0, 2]
    assert line.startswith("make new-project: projects/same-name is there already; choose another NAME\n")
    assert_sound(checkout, make)


def test_a_readme_without_its_comments_leaves_nothing(start, checkout):
    readme = checkout / "README.md"
    readme.write_text("# Mine\n")
    before = sorted((checkout / "projects").iterdir())
    _, errors = start("my-lesson").communicate(timeout=120)
    assert errors.startswith("make new-project: README.md has lost the comments")
    assert sorted((checkout / "projects").iterdir()) == before
    assert readme.read_text() == "# Mine\n"


@pytest.mark.parametrize("seed", range(6))
def test_a_signal_at_any_moment_leaves_a_whole_lesson_or_none(seed, start, checkout, make):
    chance = random.Random(seed)
    process = start("cut-off")
    time.sleep(chance.uniform(0.05, 0.6))
    os.killpg(process.pid, chance.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP]))
    _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    assert len(errors.splitlines()) <= 5
    assert not list((checkout / "projects").glob(".new-*"))
    assert_sound(checkout, make)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, SystemExit])
def test_what_fails_after_the_lesson_is_in_its_place_takes_it_away_again(error, tmp_path, monkeypatch):
    readme = tmp_path / "README.md"
    readme.write_text("before")

    def write():
        readme.write_text("half")
        raise error

    monkeypatch.setattr(derived, "DERIVED", {readme: str})
    monkeypatch.setattr(derived, "write", write)
    (tmp_path / "made").mkdir()
    with pytest.raises(error):
        scaffold.appear(tmp_path / "made", tmp_path / "place")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md"]
    assert readme.read_text() == "before"


@pytest.mark.parametrize("name", ["rich-click", "typing-extensions", "dataclasses-json", "importlib-metadata"])
def test_a_name_that_would_hide_a_package_of_a_lock_is_refused(name, stopped):
    package = scaffold.package_name(name)
    line = stopped(scaffold.need_unknown, package, name)
    assert line == f"NAME={name!r} would hide the package {package} from the lessons; choose another NAME"


def test_a_name_that_would_hide_an_installed_module_is_refused(stopped):
    """Its distribution has another name: only a look into an environment shows it."""
    environment = catalog.find(scaffold.MODEL).environment.make()
    module = next(
        path.name for path in sorted(environment.site_packages.glob("*_*/__init__.py")) for path in [path.parent]
    )
    assert "would hide" in stopped(scaffold.need_unknown, module, module.replace("_", "-"))


@pytest.mark.parametrize("name", ["my-lesson", "rich-clicks", "ray", "sql2"])
def test_any_other_name_is_free(name):
    scaffold.need_unknown(scaffold.package_name(name), name)


def test_a_name_that_no_registry_takes_is_refused(stopped):
    assert "has 64 characters; a lesson's name has at most 63" in stopped(scaffold.need_free, "a" * 64)
