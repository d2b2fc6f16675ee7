"""typecheck on whole packages, and how the command ends."""

import os
import subprocess
import sys
from pathlib import Path

TYPED = Path(__file__).parents[1] / "typed"


def typecheck(folder: Path, *words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "runner", "typecheck", folder, "out", "{}", *words]
    return subprocess.run(command, cwd=TYPED, capture_output=True, text=True)


def test_well_typed_workflows_of_every_kind_are_content():
    answer = typecheck(TYPED)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == "typed: 11 workflows and 2 launch plans checked, all types fit\n"


def test_each_mistake_is_told_once_with_its_line():
    answer = typecheck(TYPED, "ill_typed")
    assert (answer.returncode, answer.stderr) == (1, "")
    *findings, summary = answer.stdout.splitlines()
    told = {finding.split(": ")[0] for finding in findings}
    wrong = {
        f"ill_typed/{file.name}:{number}"
        for file in (TYPED / "ill_typed").iterdir()
        if file.suffix == ".py"
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if line.endswith("  # wrong")
    }
    assert told == wrong
    assert len(findings) == len(wrong)
    assert summary == f"typed: 8 workflows checked, {len(wrong)} findings"


def test_what_cannot_be_imported_is_one_line():
    (finding,) = [line for line in typecheck(TYPED, "ill_typed").stdout.splitlines() if "not_importable" in line]
    assert finding == "ill_typed/not_importable.py:3: cannot be imported: ImportError: a driver is missing"


def test_warnings_of_flytekit_do_not_reach_the_terminal():
    """A pickled type makes flytekit warn; the answer is about types that do not fit."""
    assert "FLYTE_SDK_LOGGING_LEVEL" not in os.environ
    assert typecheck(TYPED).stderr == ""
