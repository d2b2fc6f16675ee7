"""Tests the figures of the lesson and of its README, and every kind of bad data at both borders."""

import os
from pathlib import Path

import pandera.pandas as pa
import pytest
import same_schema
from dataframe_types import workflow
from dataframe_types.defects import Border, Defect, spoil
from dataframe_types.schemas import Features, Survey
from pandera.errors import SchemaErrors

from runner.harness import walk
from runner.harness.attempts import TaskFailed
from runner.harness.launchers import ProcessLauncher

VIOLATIONS = {
    Defect.missing_column: "column 'bill_length_mm' not in dataframe",
    Defect.wrong_type: "body_mass_g in_range(2000, 8000) could not run",
    Defect.out_of_range: "body_mass_g in_range(2000, 8000) fails in 3 of 342 rows",
    Defect.unknown_species: "species isin(('Adelie', 'Chinstrap', 'Gentoo')) fails in 3 of 342 rows",
    Defect.nulls: "bill_depth_mm not_nullable fails in 3 of 342 rows",
    Defect.duplicate_keys: "penguin_id field_uniqueness fails in 6 of 345 rows",
    Defect.wrong_island: "species_lives_on_island fails in 3 of 342 rows",
    # All five defects: the three spoiled rows occur twice.
    Defect.several: (
        "column 'bill_length_mm' not in dataframe; penguin_id field_uniqueness fails in 6 of 345 rows; "
        "bill_depth_mm not_nullable fails in 6 of 345 rows; body_mass_g in_range(2000, 8000) fails in 6 of 345 rows; "
        "species_lives_on_island fails in 6 of 345 rows"
    ),
}
# The schemas with a report in the deck. The last one is the failed schema.
BORDERS = {
    Border.input: ["Survey"],
    Border.output: ["Survey", "Features"],
}
FAILED = "Data validation failed"
PROJECT = Path(workflow.__file__).parents[1]
# Tasks run as processes here, so this name of an image only needs the right form.
IMAGES = {"default": "none:0"}


def good_survey():
    # Calls the plain function: a task that another task calls returns a promise.
    return workflow.read_survey.task_function(defect=Defect.none, border=Border.input)


def test_case(case, check):
    check(case)


@pytest.mark.parametrize("border", Border, ids=lambda border: border.value)
@pytest.mark.parametrize("defect", VIOLATIONS, ids=lambda defect: defect.value)
def test_bad_data_is_stopped(defect, border, recorded):
    schemas = BORDERS[border]
    run = recorded(workflow.guarded_survey, defect=defect, border=border)
    read, failed = run.record.tasks
    assert (read.name, read.status) == ("read_survey", "succeeded")
    assert (failed.name, failed.status) == ("add_features", "non-recoverable")
    assert f"{schemas[-1]}: " in failed.error
    # A schema may have more rules, whose violations stand between these.
    assert [words for words in VIOLATIONS[defect].split("; ") if words not in failed.error] == []
    deck = (run.folder / failed.deck).read_text()
    assert [name for name in ("Survey", "Features", "Usual") if f"Pandera Report: {name}" in deck] == schemas
    assert deck.count(FAILED) == 1
    assert deck.rindex("Data validation") == deck.index(FAILED)


def test_what_is_unusual_warns_and_goes_on(recorded):
    run = recorded(workflow.guarded_survey, defect=Defect.unusual)
    assert run.record.outputs["bill_ratio"] == pytest.approx(3.493150917570029)
    assert [task.warnings for task in run.record.tasks] == [
        [],
        [],
        ["Usual: mean_ratio_of_species_as_before fails in 342 of 342 rows"],
    ]
    assert FAILED in (run.folder / run.record.tasks[2].deck).read_text()


@pytest.mark.parametrize(
    "defect", [defect for defect in Defect if defect is not Defect.none], ids=lambda defect: defect.value
)
def test_a_defect_is_the_same_every_time_and_spares_the_table_that_it_was_given(defect):
    survey = good_survey()
    spoiled = spoil(survey, defect)
    assert spoiled.equals(spoil(survey, defect))
    assert not spoiled.equals(survey)
    assert survey.equals(good_survey())


def test_text_in_place_of_a_number_is_named():
    with pytest.raises(SchemaErrors, match=r"'body_mass_g' to .*type float64"):
        Survey.validate(spoil(good_survey(), Defect.wrong_type), lazy=True)


def test_a_check_that_cannot_run_says_so():
    with pytest.raises(SchemaErrors) as error:
        Survey.validate(good_survey().drop(columns="species"), lazy=True)
    assert str(error.value) == "Survey: column 'species' not in dataframe; species_lives_on_island could not run"


def test_violations_of_other_kinds_are_one_line_too():
    class Strict(Survey):
        body_mass_g: float = pa.Field(coerce=True)

        class Config:
            strict = True

    with pytest.raises(SchemaErrors) as error:
        Strict.validate(spoil(good_survey(), Defect.wrong_type).assign(unknown=1), lazy=True)
    line = str(error.value)
    assert line.startswith("Strict: column 'unknown' not in DataFrameSchema")
    assert "Error while coercing 'body_mass_g' to type float64" in line
    assert "\n" not in line
    assert len(line) < 400


def test_a_check_of_the_table_as_a_whole_fails_in_all_rows():
    class Many(Survey):
        @pa.dataframe_check
        def at_least_a_thousand(cls, table) -> bool:
            return len(table) >= 1000

    with pytest.raises(SchemaErrors) as error:
        Many.validate(good_survey(), lazy=True)
    assert str(error.value) == "Many: at_least_a_thousand fails in 342 of 342 rows"


def test_features_keep_every_rule_of_a_survey():
    survey, features = Survey.to_schema(), Features.to_schema()
    assert set(features.columns) - set(survey.columns) == {"bill_ratio"}
    # pandera changes a check when it is used, so that equal ones may differ; their text has all that is asked.
    assert all(repr(features.columns[name]) == repr(column) for name, column in survey.columns.items())
    assert {check.name for check in features.checks} >= {check.name for check in survey.checks}


@pytest.mark.parametrize(("border", "schema"), [(Border.input, "Survey"), (Border.output, "Features")])
def test_flytes_own_entry_point_keeps_the_line_and_the_deck(border, schema, tmp_path):
    attempts = []
    inputs = {"defect": Defect.nulls, "border": border}
    with pytest.raises(TaskFailed, match=f"task add_features .*{schema}: {VIOLATIONS[Defect.nulls]}"):
        walk.execute(workflow.guarded_survey, inputs, tmp_path, ProcessLauncher(PROJECT), IMAGES, attempts.append)
    assert FAILED in Path(attempts[-1].deck).read_text()


def test_the_local_executor_checks_a_table_once_per_schema_a_cluster_at_every_border(tmp_path):
    assert same_schema.warned_then_strict() == 342
    importable = os.pathsep.join([str(Path(__file__).parent), str(PROJECT)])
    with pytest.raises(TaskFailed, match=r"task strict .*bill_depth_mm not_nullable"):
        walk.execute(same_schema.warned_then_strict, {}, tmp_path, ProcessLauncher(Path(importable)), IMAGES)
