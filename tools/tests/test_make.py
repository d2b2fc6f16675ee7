"""The Makefile, called as a user calls it: its list of targets, and that no value is ever read by a shell."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.__main__ import TARGETS
from tools.core.paths import ROOT


def listed(text: str) -> list[str]:
    return re.findall(r"^  make ([a-z-]+) +\S", text, re.MULTILINE)


def test_help_is_what_make_alone_does(make):
    answer = make()
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == make("help").stdout


def test_help_lists_every_target(make):
    assert sorted(listed(make().stdout)) == sorted({*TARGETS, "help", "clean"})


def test_every_target_that_help_lists_exists(make):
    answer = make("--dry-run", *listed(make().stdout))
    assert (answer.returncode, answer.stderr) == (0, "")


def test_an_unknown_target_is_told(make):
    answer = make("rnu")
    assert answer.returncode == 2
    assert "No rule to make target 'rnu'" in answer.stderr.replace("`", "'")


def test_list_shows_the_lessons(make):
    answer = make("list")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert re.search(r"^1 +flyte-basics +Introduction ", answer.stdout, re.MULTILINE)


@pytest.mark.parametrize("target", ["run", "recover", "lineage", "build", "check"])
def test_a_missing_project_is_one_line(target, make_stops):
    assert make_stops(target).startswith(f"make {target}: PROJECT is missing: add PROJECT=<lesson>; the lessons ")


@pytest.mark.parametrize("name", ["flyte-basic", "../x", "a b", "/etc", "it's", 'say "hi"', "x;y", "x\\", "*", "ä"])
def test_an_unknown_project_is_one_line(name, make_stops):
    assert make_stops("run", f"PROJECT={name}").startswith(f"make run: there is no lesson {name!r}; ")


@pytest.mark.parametrize("target", ["setup", "test", "typecheck", "lock", "test-image"])
def test_a_target_of_all_lessons_refuses_an_unknown_one(target, make_stops):
    assert make_stops(target, "PROJECT=no-lesson").startswith(f"make {target}: there is no lesson 'no-lesson'; ")


@pytest.mark.parametrize("code", ["$(touch {})", "`touch {}`", "x; touch {}", "'; touch {} #", "x\ntouch {}"])
@pytest.mark.parametrize("where", ["make's words", "environment"])
def test_a_project_is_never_run(where, code, make, tmp_path):
    made = tmp_path / "made"
    value = code.format(made)
    answer = make("run", PROJECT=value) if where == "environment" else make("run", f"PROJECT={value}")
    assert answer.returncode == 2
    assert answer.stderr.startswith("make run: ")
    assert not made.exists()


@pytest.mark.parametrize("variable", ["PROJECT", "NAME", "PARTS", "REGISTRY", "REMOTE", "EXECUTION", "PYTHON", "ANY"])
@pytest.mark.parametrize("where", ["make's words", "environment"])
def test_make_runs_no_value_either(variable, where, make, tmp_path):
    made = tmp_path / "made"
    value = f"$(shell touch {made})"
    if where == "environment":
        make("run", **{variable: value})
    else:
        make("run", f"{variable}={value}")
    assert not made.exists()


@pytest.mark.parametrize("value", ["$HOME", "$$", "$(", "${PROJECT}", "it's `x`, \\ #1)", '"it"', "two\n\nlines"])
@pytest.mark.parametrize("where", ["make's words", "environment"])
def test_a_value_reaches_the_tools_as_it_is(value, where, make_stops):
    line = make_stops("run", PROJECT=value) if where == "environment" else make_stops("run", f"PROJECT={value}")
    assert line.startswith(f"make run: there is no lesson {value!r}; ")


def test_the_name_that_a_system_gives_the_machine_names_no_lesson(make_stops):
    assert make_stops("new-project", NAME="my-machine").startswith("make new-project: NAME='' cannot name a lesson")


def test_what_people_debug_elsewhere_is_no_task(make, make_stops):
    words = ("run", "PROJECT=flyte-basics", "ARGS=--help")
    assert make(*words, DEBUG="1").returncode == 0
    assert make_stops(*words, "DEBUG=1").startswith("make run: DEBUG must be the name of a task, not '1'; ")


def test_a_python_that_is_gone_is_made_up_for(make, clone_with_uv):
    """As after an upgrade of the system: the environment links to what is no longer there."""
    assert make("list", root=clone_with_uv).returncode == 0
    python = clone_with_uv / ".tools" / "venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/no/longer/there/python")
    first, second = make("list", root=clone_with_uv), make("list", root=clone_with_uv)
    assert (first.returncode, second.returncode) == (0, 0)
    assert "tools: environment ready" in first.stderr
    assert (second.stdout, second.stderr) == (first.stdout, "")


def test_recovering_on_a_cluster_without_an_execution_is_one_line(make_stops):
    line = make_stops("recover", "PROJECT=flyte-basics", "REMOTE=1")
    assert line.startswith("make recover: EXECUTION is missing: add EXECUTION=<name>")


def test_jobs_are_checked_before_an_image_is_built(make_stops):
    assert make_stops("test-image", "JOBS=0", PATH=os.defpath).startswith("make test-image: JOBS must be ")


def test_in_another_folder_nothing_is_deleted(make, tmp_path):
    (tmp_path / "out" / "mine").mkdir(parents=True)
    answer = make("-f", str(ROOT / "Makefile"), "clean", root=tmp_path)
    assert answer.returncode == 2
    assert "run make in the folder of this repository" in answer.stderr
    assert (tmp_path / "out" / "mine").exists()


def test_clean_empties_out_where_it_is_a_link_and_keeps_exercises(make, clone, tmp_path):
    for name in ("flyte-basics", "exercises"):
        (tmp_path / "elsewhere" / name).mkdir(parents=True)
    (clone / "out").symlink_to(tmp_path / "elsewhere")
    answer = make("clean", root=clone)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["exercises"]
    assert (clone / "out").is_symlink()


@pytest.mark.parametrize("target", ["site", "test-exercises"])
def test_without_a_repository_nothing_is_run_in_vain(target, make, make_stops, clone_with_uv):
    make("list", root=clone_with_uv)
    line = make_stops(target, root=clone_with_uv)
    assert line.startswith(f"make {target}: git: {clone_with_uv} is not a git repository; ")


def test_args_with_an_open_quote_are_one_line(make_stops):
    line = make_stops("run", "PROJECT=flyte-basics", "ARGS=--test_size '0.3")
    assert line == "make run: ARGS cannot be read: No closing quotation; write ARGS='--input value'"


def test_args_are_read_by_no_shell(make_stops, tmp_path):
    code = "`touch $MADE`; touch $MADE | cat"
    line = make_stops("run", "PROJECT=flyte-basics", f'ARGS=--test_size "{code}"', MADE=str(tmp_path / "made"))
    assert f"{code!r} is not a valid float" in line  # click's words
    assert not list(tmp_path.iterdir())


def test_a_python_that_is_not_there_is_one_line(make_stops, clone):
    line = make_stops("list", "PYTHON=no-such-python", root=clone)
    assert line.startswith("make: no-such-python is not on PATH; install Python 3.10 or newer")
    assert not (clone / ".tools").exists()


def test_help_needs_no_python(make, clone):
    assert make("PYTHON=no-such-python", root=clone).returncode == 0
    assert not (clone / ".tools").exists()


def old_pythons() -> list[str]:
    """Interpreters of this machine, if any, that are too old for the tools."""
    found = [shutil.which(f"python3.{minor}") for minor in range(6, 10)]
    found += map(str, sorted(Path.home().glob(".pyenv/versions/3.[6-9].*/bin/python")))
    # pyenv's shims are on PATH for versions that nobody has chosen.
    return [python for python in found if python and "shims" not in python]


@pytest.mark.parametrize("python", old_pythons())
def test_an_old_python_is_one_line(python, make_stops, clone):
    line = make_stops("list", f"PYTHON={python}", root=clone)
    assert re.match(r"make: Python 3\.10 or newer is needed, this is 3\.[6-9]; name another Python: make PYTHON=", line)
    assert not (clone / ".tools").exists()


def test_bootstrap_looks_at_the_version_before_all_else():
    """The same on a machine that has no old Python: this one under an old number."""
    code = "import sys; sys.version_info = (3, 9, 18); exec(compile(open(sys.argv[1]).read(), 'bootstrap', 'exec'))"
    command = [sys.executable, "-c", code, ROOT / "tools" / "bootstrap.py"]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode == 1
    assert answer.stderr.startswith("make: Python 3.10 or newer is needed, this is 3.9; ")
    assert answer.stderr.count("\n") == 1
