"""Exercise 2: the packages in which the two locks differ on this machine, with Python 3.11."""

import re
from pathlib import Path

import pytest
from containerization_lesson import workflow
from packaging.requirements import Requirement

PROJECT = Path(workflow.__file__).parents[1]
PIN = re.compile(r"^[a-z0-9._-]+==[^\\\n]+", re.MULTILINE)


def pins(name):
    """Returns the versions that a lock installs on this machine with Python 3.11."""
    pinned = map(Requirement, PIN.findall((PROJECT / name).read_text(encoding="utf-8")))
    holds = {"python_full_version": "3.11.0"}
    return {each.name: str(each.specifier)[2:] for each in pinned if not each.marker or each.marker.evaluate(holds)}


OLD, CURRENT = pins("requirements-old.txt"), pins("requirements.txt")
EXPECTED = {
    "other_version": {name for name in OLD.keys() & CURRENT if OLD[name] != CURRENT[name]} - {"scikit-learn"},
    "only_one_lock": OLD.keys() ^ CURRENT.keys(),
}


def test_begun(answer):
    assert any(answer.values()), "exercises/answers.toml has no packages for exercise_2"


@pytest.mark.parametrize("question", EXPECTED)
def test_packages(answer, question):
    found = {name.lower().partition("=")[0].strip() for name in answer[question]} - {"scikit-learn"}
    for name in sorted(found - EXPECTED[question]):
        old, current = OLD.get(name, "no version"), CURRENT.get(name, "no version")
        raise AssertionError(f"{question}: {name} is wrong, the locks have {old} (old) and {current} of it")
    missing = len(EXPECTED[question] - found)
    assert not missing, f"{question}: {missing} of {len(EXPECTED[question])} packages are missing; see the markers too"
