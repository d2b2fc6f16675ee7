"""Variables: every switch follows one rule, a wrong value stops a target before it starts anything."""

import re

import pytest

from tools.__main__ import SWITCHES, TARGETS
from tools.core.paths import ROOT
from tools.core.variables import UV_HABITS, clean_environment, python_version, switch

NAMES = sorted({name for names in SWITCHES.values() for name in names})


def test_every_switch_that_is_read_is_checked_first():
    """A switch is read by `switch`, or compared with 1; each such name is in the table."""
    code = [file.read_text() for folder in ("tools", "runner/runner") for file in (ROOT / folder).rglob("*.py")]
    read = {name for text in code for name in re.findall(r'switch\("([A-Z_]+)"\)', text)}
    read |= {name for text in code for name in re.findall(r'environ\.get\("([A-Z_]+)"\) [!=]= "1"', text)}
    assert read - {"UPGRADE"} == set(NAMES) - {"SPARK", "RAY"}  # read by the names of operators
    assert set(SWITCHES) <= set(TARGETS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("value", "truth"), [("1", True), ("0", False), ("", False)])
def test_one_is_yes_and_zero_and_empty_are_no(name, value, truth, monkeypatch):
    monkeypatch.setenv(name, value)
    assert switch(name) is truth


@pytest.mark.parametrize("value", ["yes", "true", "2", " 1", "01", "on", "no"])
def test_anything_else_is_one_line(value, monkeypatch, stopped):
    monkeypatch.setenv("NEW", value)
    assert stopped(switch, "NEW") == f"NEW must be 1 for yes, or 0 or empty for no, not {value!r}"


@pytest.mark.parametrize(("target", "name"), [(target, name) for target, names in SWITCHES.items() for name in names])
def test_a_target_refuses_it_before_it_starts_anything(target, name, make_stops):
    line = make_stops(target, "PROJECT=no-lesson", f"{name}=maybe")
    assert line == f"make {target}: {name} must be 1 for yes, or 0 or empty for no, not 'maybe'"


@pytest.mark.parametrize("value", ["3.13", "3.10", "three", "3.11.7", "python3.11"])
def test_a_python_that_no_lock_is_made_for_is_refused(value, monkeypatch, stopped, make):
    monkeypatch.setenv("LESSON_PYTHON", value)
    line = stopped(python_version)
    assert line == f"LESSON_PYTHON must be 3.11 or 3.12, not {value!r}; the locks are made for no other"
    assert make("list", LESSON_PYTHON=value).stderr.splitlines()[0].endswith(f": {line}")  # of set-up or the target


@pytest.mark.parametrize(("value", "version"), [("", "3.11"), ("3.11", "3.11"), ("3.12", "3.12")])
def test_a_python_of_the_locks(value, version, monkeypatch):
    monkeypatch.setenv("LESSON_PYTHON", value)
    assert python_version() == version


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHON_VERSION": "3.13.1"},
        {"PYTHONSAFEPATH": "1"},
        {"PYTHONPATH": "{tmp_path}"},
        {"PYTHONHOME": "{tmp_path}"},
        {"PYTHONPLATLIBDIR": "nowhere"},
        {"PYTHONINSPECT": "1"},
    ],
)
def test_what_pythons_own_images_and_users_set_is_not_in_the_way(variables, make, tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit('not the json of Python')")
    answer = make("list", **{name: value.format(tmp_path=tmp_path) for name, value in variables.items()})
    assert (answer.returncode, answer.stderr) == (0, "")


def test_the_tools_keep_their_bytecode(make, tmp_path):
    make("list", PYTHONDONTWRITEBYTECODE="1", PYTHONPYCACHEPREFIX=str(tmp_path))
    assert list(tmp_path.rglob("catalog.*.pyc"))


@pytest.mark.parametrize("name", ["FLYTE_PLATFORM_URL", "FLYTECTL_CONFIG", "FLYTE_PROJECT"])
def test_an_empty_variable_of_flyte_is_unset(name):
    assert clean_environment({name: ""}) == {}
    assert clean_environment({name: "x"}) == {name: "x"}


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("FLYTE_SDK_LOGGING_LEVEL", "a number: 10 is debug, 20 info, 30 warning, 40 error"),
        ("FLYTE_SDK_DEV_LOGGING_LEVEL", "a number: 10 is debug, 20 info, 30 warning, 40 error"),
        ("FLYTE_AWS_BACKOFF_SECONDS", "a whole number of seconds"),
        ("FLYTE_CREDENTIALS_CLIENT_SECRET_LOCATION", "the path of a text file"),
    ],
)
def test_a_value_at_which_flytekit_cannot_be_imported_is_named(name, allowed, make):
    answer = make("run", "PROJECT=flyte-basics", **{name: "INFO"})
    line, _ = answer.stderr.splitlines()
    assert line == f"make run: {name} must be {allowed}, not 'INFO'; correct or unset it"


@pytest.mark.parametrize("name", UV_HABITS)
def test_a_habit_of_uvs_users_does_not_reach_it(name):
    assert clean_environment({name: "1"}) == {}


def test_pythons_warnings_and_assertions_are_not_the_users(make):
    words = {"PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2"}
    answer = make("run", "PROJECT=flyte-basics", "ARGS=--help", **words)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "Trains a classifier of" in " ".join(answer.stdout.split())
