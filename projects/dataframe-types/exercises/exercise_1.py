"""Exercise 1: the survey has a column sex, which may be missing and has two values."""

import pytest
from dataframe_types import workflow
from dataframe_types.defects import Border, Defect, spoil
from dataframe_types.schemas import Survey
from pandera.errors import SchemaErrors


@pytest.fixture
def survey():
    return workflow.read_survey.task_function(defect=Defect.none, border=Border.input)


def is_valid(table):
    try:
        Survey.validate(table, lazy=True)
    except SchemaErrors:
        return False
    return True


def test_begun():
    assert "sex" in Survey.to_schema().columns, "the schema Survey has no column sex"


def test_rows(survey):
    assert "sex" in survey, f"read_survey returns no column sex, only {', '.join(survey)}"
    unknown = int(survey["sex"].isna().sum())
    assert (len(survey), unknown) == (342, 9), (
        f"read_survey returns {len(survey)} penguins, {unknown} of them of unknown sex; "
        "it must return all 342, 9 of them of unknown sex"
    )


def test_good_data_passes(recorded):
    record = recorded(workflow.guarded_survey).record
    assert record.status == "succeeded", f"good data does not pass: {record.tasks[-1].error}"
    assert "sex" in record.tasks[1].written["o0"][0].columns, "the table of add_features has no column sex"


def test_other_values_fail(survey):
    survey.loc[0, "sex"] = "f"
    assert not is_valid(survey), "Survey accepts the sex 'f': allow 'female' and 'male' only"


def test_other_columns_have_no_nulls(survey):
    assert not is_valid(spoil(survey, Defect.nulls)), "Survey accepts a bill without depth: only sex may be missing"
