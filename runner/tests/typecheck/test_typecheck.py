"""typecheck on whole packages, and how the command ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TYPED = Path(__file__).parents[1] / "typed"


def typecheck(*words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "runner", "typecheck", TYPED, "out", "{}", *words]
    return subprocess.run(command, cwd=TYPED, capture_output=True, text=True)


@pytest.fixture(scope="module")
def well_typed() -> subprocess.CompletedProcess:
    assert "FLYTE_SDK_LOGGING_LEVEL" not in os.environ
    return typecheck()


@pytest.fixture(scope="module")
def ill_typed() -> subprocess.CompletedProcess:
    return typecheck("ill_typed")


def marked(package: str, mark: str) -> set[str]:
    """The lines of a package's files that end in a mark, as `file:number`."""
    return {
        f"{file.relative_to(TYPED)}:{number}"
        for file in (TYPED / package).rglob("*.py")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if line.endswith(f"  # {mark}")
    }


def places(lines: list[str]) -> list[str]:
    return [line.split(": ")[0] for line in lines]


def test_well_typed_workflows_of_every_kind_are_content(well_typed):
    assert well_typed.returncode == 0
    *unchecked, summary = well_typed.stdout.splitlines()
    assert summary == "typed: 17 workflows and 4 launch plans checked, all types fit"
    assert sorted(places(unchecked)) == sorted(marked("well_typed", "unchecked"))


def test_what_is_not_checked_is_one_line_with_the_reason(well_typed):
    texts = {line.split(": ", 2)[2] for line in well_typed.stdout.splitlines()[:-1]}
    assert "n1 double: only a cluster knows whether it is there and has these types" in texts
    assert "not checked: an eager workflow makes its calls when it runs" in texts


def test_each_mistake_is_told_once_with_its_line(ill_typed):
    assert (ill_typed.returncode, ill_typed.stderr) == (1, "")
    *lines, summary = ill_typed.stdout.splitlines()
    findings = [line for line in lines if "only a cluster knows" not in line]
    assert sorted(places(findings)) == sorted(marked("ill_typed", "wrong"))
    assert summary == f"typed: 20 workflows and 1 launch plan checked, {len(findings)} findings"


@pytest.mark.parametrize(
    "text",
    [
        "without_a_node: calls nothing; a cluster refuses a workflow without a node",
        "named_alike: same: several calls have this node_name; a cluster runs only the first of them",
        "mapped_plan: n0 mapped_plan: maps a launch plan, which a cluster refuses; map a task",
        "reference: n1 double, input number: gets str (output o0 of n0 text), wants int",
        "value_in_a_text: n1 length, input of: gets the text 'hello Promise(node:n0.o0.[])': a workflow has no values "
        "while it is drawn; make the text in a task",
        "lost_in_the_last_case: n0/n2 double, input number: gets the output of double, a call that is lost inside a "
        "case: call it before the branch",
        "lost_in_the_first_condition: n0 first, condition: gets the output of double, a call that is lost inside a "
        "condition: call it before the branch",
        "doubling: n0 double, input number: gets str (workflow input number), wants int",
    ],
)
def test_what_a_cluster_refuses_is_told_with_the_reason(ill_typed, text):
    assert [line for line in ill_typed.stdout.splitlines() if line.endswith(f": {text}")]


def test_what_cannot_be_imported_is_one_line(ill_typed):
    (finding,) = [line for line in ill_typed.stdout.splitlines() if "not_importable" in line]
    assert finding == "ill_typed/not_importable.py:3: cannot be imported: ImportError: a driver is missing"


def test_warnings_of_flytekit_do_not_reach_the_terminal(well_typed):
    """A pickled type makes flytekit warn; the answer is about types that do not fit."""
    assert well_typed.stderr == ""


@pytest.mark.parametrize("package", ["nowhere", "json"])
def test_a_package_that_the_lesson_does_not_have(package):
    answer = typecheck(package)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == (
        f"make typecheck: {TYPED} has no package {package}; PACKAGE names a folder with Python files in it\n"
    )
