"""Exercise 3: Survey accepts masses in whole numbers and passes on floats."""

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


def test_begun(survey):
    found = survey["body_mass_g"].dtype
    assert found.kind in "iu", f"read_survey returns the masses as {found}, not as whole numbers"


def test_good_data_passes(recorded):
    record = recorded(workflow.guarded_survey).record
    assert record.status == "succeeded", f"good data does not pass: {record.tasks[-1].error}"
    found = record.tasks[1].written["o0"][0].columns["body_mass_g"]
    assert found == "double", f"add_features returns the masses as {found}, not as double"


def test_floats_pass_too(survey):
    survey = survey.astype({"body_mass_g": float})
    assert is_valid(survey), "Survey must still accept masses that are floats"


def test_text_fails(survey):
    assert not is_valid(spoil(survey, Defect.wrong_type)), "Survey accepts the mass '3750 g'"


def test_other_columns_are_as_strict_as_before(survey):
    survey = survey.astype({"penguin_id": float})
    assert not is_valid(survey), "Survey now converts penguin_id too: convert the masses only"
