"""A fresh clone sets itself up; what is in the way is one line, and the second time needs no network."""

import re

import pytest

NO_REGISTRY = {
    "PIP_CONFIG_FILE": "/dev/null",
    "PIP_FIND_LINKS": "",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_INDEX_URL": "http://user:secret-word@127.0.0.1:9/simple",
    "PIP_RETRIES": "0",
    "PIP_NO_CACHE_DIR": "1",
    "UV_OFFLINE": "1",
    "NO_PROXY": "127.0.0.1",
}


def test_a_registry_that_is_not_reachable_is_one_line(make, clone):
    answer = make("list", root=clone, **NO_REGISTRY, FORCE_COLOR="1")
    progress, line, of_make = answer.stderr.splitlines()
    assert answer.returncode == 2
    assert progress == "set-up: installing uv into .tools/"
    assert line.startswith("set-up: uv could not be installed; is the package registry reachable? pip: ERROR: ")
    assert of_make.startswith("make: ***")
    assert "secret-word" not in answer.stderr
    assert [path.name for path in (clone / ".tools").iterdir()] == ["locks"]


def test_a_setting_that_pip_cannot_read_is_named(make, clone):
    answer = make("list", root=clone, **NO_REGISTRY, PIP_DEFAULT_TIMEOUT="soon")
    assert answer.returncode == 2
    assert re.search("pip: .*(soon|timeout)", answer.stderr)


@pytest.mark.parametrize("habit", ["PIP_REQUIRE_VIRTUALENV", "PIP_USER"])
def test_what_people_set_to_protect_their_python_is_not_in_the_way(habit, make, clone):
    answer = make("list", root=clone, **NO_REGISTRY, **{habit: "1"})
    assert "No matching distribution" in answer.stderr


def test_set_up_is_a_child_of_make_which_passes_signals_on_to_its_children(make, clone, tmp_path):
    (tmp_path / "python").write_text(f"#!/bin/sh\nps -o comm= -p $PPID > {tmp_path}/parent\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    make("list", root=clone, PYTHON=str(tmp_path / "python"))
    assert (tmp_path / "parent").read_text().strip().endswith("make")


def test_a_clone_sets_itself_up_once(make, clone_with_uv):
    first, second = make("list", root=clone_with_uv), make("list", root=clone_with_uv, **NO_REGISTRY)
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stderr.startswith("tools: installing 2 packages from tools/requirements.txt\ntools: environment ready")
    assert (second.stdout, second.stderr) == (first.stdout, "")


def test_a_changed_bootstrap_that_asks_for_nothing_new_needs_no_network(make, clone_with_uv):
    make("list", root=clone_with_uv)
    (clone_with_uv / "tools" / "bootstrap.py").touch()
    answer = make("list", root=clone_with_uv, **NO_REGISTRY)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_clean_removes_what_was_made_and_nothing_else(make, clone):
    before = sorted(clone.rglob("*"))
    for made in (".tools", "out", "projects/flyte-basics/.venv", ".pytest_cache", ".ruff_cache"):
        (clone / made / "folder").mkdir(parents=True)
    answer = make("clean", root=clone)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
    assert sorted(clone.rglob("*")) == before


def test_clean_keeps_what_a_learner_has_written(make, clone):
    kept = clone / "out" / "exercises" / "flyte-basics" / "solved"
    for folder in (kept, clone / "out" / "flyte-basics" / "a-run"):
        folder.mkdir(parents=True)
    assert make("clean", root=clone).returncode == 0
    assert kept.is_dir()
    assert [folder.name for folder in (clone / "out").iterdir()] == ["exercises"]
