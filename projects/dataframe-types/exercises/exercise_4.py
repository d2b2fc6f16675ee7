"""Exercise 4: a ratio that does not follow from the two columns of its row is a bug of the task."""

import pytest
from dataframe_types import workflow
from dataframe_types.defects import Border, Defect
from dataframe_types.schemas import Features, Usual
from pandera.errors import SchemaErrors

AS_SHIPPED = {"species_lives_on_island", "mean_ratio_of_species_as_before"}


@pytest.fixture
def features():
    survey = workflow.read_survey.task_function(defect=Defect.none, border=Border.input)
    return survey.assign(bill_ratio=survey["bill_length_mm"] / survey["bill_depth_mm"])


def violations(table):
    try:
        Features.validate(table, lazy=True)
    except SchemaErrors as error:
        return str(error)
    return ""


def test_begun():
    found = {check.name for check in Usual.to_schema().checks}
    assert found - AS_SHIPPED, "neither Features nor Usual has another check across columns yet"


def test_good_data_passes(features):
    found = violations(features)
    assert "could not run" not in found, f"{found}: a check must raise no error and return a Series, not an array"
    assert not found, f"good data does not pass any more: {found}"
    found = violations(features.round({"bill_ratio": 3}))
    assert not found, f"a ratio that is rounded to three digits does not pass: {found}"


def test_one_wrong_ratio_fails(features):
    features.loc[0, "bill_ratio"] *= 1.1
    found = violations(features)
    assert found, "Features accepts a ratio of 2.30 for a bill of 39.1 mm by 18.7 mm, which is 2.09"
    assert "1 of 342 rows" in found, f"one ratio is wrong, so the check must name one row, not: {found}"


@pytest.mark.parametrize("difference", [0.002, -0.002])
def test_the_tolerance(features, difference):
    features.loc[0, "bill_ratio"] += difference
    assert violations(features), f"Features accepts a ratio that is off by {difference}, and 0.001 is allowed"


def test_a_bug_stops_at_the_output_border(recorded):
    record = recorded(workflow.guarded_survey, defect=Defect.unusual, border=Border.output).record
    assert record.status != "succeeded", "with --defect unusual --border output the run still succeeds"
    found = record.tasks[-1]
    assert found.name == "add_features", f"{found.name} fails, one task too late"


def test_unusual_penguins_only_warn(recorded):
    record = recorded(workflow.guarded_survey, defect=Defect.unusual).record
    assert record.status == "succeeded", f"unusual bills must only warn: {record.tasks[-1].error}"
    assert record.tasks[-1].warnings, "compare_bills no longer warns of unusual bills"
