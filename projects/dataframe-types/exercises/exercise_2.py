"""Exercise 2: a column that the schema does not name stops a survey at the input border."""

import pytest
from dataframe_types import workflow
from dataframe_types.defects import Border, Defect, spoil


def test_begun():
    assert "unknown_column" in Defect.__members__, "Defect has no member unknown_column"


def test_the_defect_adds_a_column():
    survey = workflow.read_survey.task_function(defect=Defect.none, border=Border.input)
    spoiled = spoil(survey, Defect.unknown_column)
    added = [*spoiled.columns.difference(survey.columns)]
    assert added, "spoil adds no column to the table for Defect.unknown_column"
    assert len(spoiled.columns) == len(survey.columns) + len(added), "spoil must keep the other columns"


def test_good_data_passes(recorded):
    record = recorded(workflow.guarded_survey).record
    assert record.status == "succeeded", f"good data does not pass any more: {record.tasks[-1].error}"


@pytest.mark.parametrize(("border", "schema"), [(Border.input, "Survey"), (Border.output, "Features")])
def test_it_stops_at_both_borders(border, schema, recorded):
    record = recorded(workflow.guarded_survey, defect=Defect.unknown_column, border=border).record
    assert record.status != "succeeded", f"with --defect unknown_column --border {border.value} the run still succeeds"
    found = record.tasks[-1].error
    assert f"{schema}: " in found, f"at the border {border.value} the schema {schema} must fail, not: {found}"
