"""Exercise 3: the input measure chooses a column, on SQLite and on PostgreSQL, and nothing else."""

import sys
from pathlib import Path

import pytest
from sql_lesson import workflow

sys.path.append(str(Path(__file__).parents[1] / "tests"))
pytest_plugins = ["postgres"]

ENTRY_POINT = "sql_lesson.workflow:mass_per_length"
INPUTS = workflow.mass_per_length.python_interface.inputs_with_defaults
FLIPPER, BILL = 62.78715018387505, 124.94452840145841


def test_begun():
    assert "measure" in INPUTS, f"mass_per_length has no input measure; its inputs are {', '.join(INPUTS)}"


def test_default(execute):
    found = execute(ENTRY_POINT, {})["grams_per_mm"]
    assert found == pytest.approx(FLIPPER), f"by default the line has {found:.5} grams per mm of flipper, not 62.787"


def test_other_column(execute):
    outputs = execute(ENTRY_POINT, {"measure": "bill_length_mm"})
    found, reason = outputs["grams_per_mm"], "group by must use the length that select chooses"
    assert found == pytest.approx(BILL), (
        f"with bill_length_mm the line has {found:.5} grams per mm, not 124.94: {reason}"
    )
    error = outputs["error_grams"]
    assert error == pytest.approx(274.62061226977363), (
        f"its error is {error:.1f} grams, not 274.6: see penguins_of_year"
    )


def line_of(measure: str) -> str:
    """Names the column whose line the workflow fits; empty if the workflow fails."""
    try:
        found = workflow.mass_per_length(measure=measure).grams_per_mm
    except Exception:
        return ""
    lines = {"the flipper": FLIPPER, "the bill": BILL}
    return next((name for name, line in lines.items() if found == pytest.approx(line)), "another column")


@pytest.mark.parametrize("measure", ["year", "bill_depth_mm", "nonsense"])
def test_no_other_value(measure):
    found = line_of(measure)
    assert not found, (
        f"the measure {measure!r} gives the line of {found}; a value that names neither length must be an error"
    )


def test_postgres(on_postgres):
    try:
        found, error = on_postgres(measure="bill_length_mm").grams_per_mm, ""
    except Exception as refused:
        found, error = 0.0, str(refused).strip().splitlines()[-1]
    assert not error, f"PostgreSQL refuses a query that SQLite accepts: {error}"
    assert found == pytest.approx(BILL), f"on PostgreSQL the line has {found:.5} grams per mm, not 124.94"
