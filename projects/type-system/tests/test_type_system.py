"""Tests the lesson's figures and what its README says about types."""

from pathlib import Path

import pandas as pd
import pytest
from type_system import workflow
from type_system.workflow import Island, Scaling, Settings
from workshop import penguins


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return workflow.select(island=None)


@pytest.fixture(scope="module")
def model(data):
    settings = Settings(features=["bill_length_mm", "bill_depth_mm"], scaling=Scaling.STANDARD, regularization=1.0)
    return workflow.train_model(train=data, settings=settings)


def test_case(case, check):
    check(case)


def test_the_files_of_a_report():
    report = workflow.species_report()
    summary = Path(report.summary.download()).read_text()
    assert summary.splitlines()[-2:] == ["| train | 0.9688 |", "| test | 0.9651 |"]
    tables = [pd.read_csv(file) for file in sorted(Path(report.mistakes.download()).iterdir())]
    assert [set(table["species"]) for table in tables] == [{species} for species in penguins.SPECIES]
    # 3 % of 256 penguins and 3.5 % of 86.
    assert sum(map(len, tables)) == 8 + 3


def test_an_optional_input_may_be_left_out(data):
    assert len(data) == 342
    assert len(workflow.select(island=Island.DREAM)) == 124


def test_a_data_frame_has_the_columns_that_its_type_declares(data):
    (declared,) = workflow.Penguins.__metadata__
    assert list(data) == list(declared)


def test_either_member_of_a_union_gives_the_same_scores(model, data, tmp_path):
    file = tmp_path / "penguins.csv"
    data.to_csv(file, index=False)
    from_table = workflow.evaluate(model=model, data=data)
    assert from_table == workflow.evaluate(model=model, data=workflow.CsvFile(str(file)))
    assert set(from_table.by_species) == set(penguins.SPECIES)


def test_what_a_type_cannot_say_a_task_says():
    with pytest.raises(ValueError, match="unknown measure: wingspan; the measures are bill_length_mm"):
        workflow.species_report(features=["wingspan"])


def test_an_island_with_one_species_gives_no_classifier():
    with pytest.raises(ValueError, match="all these penguins are Adelies; choose Biscoe, Dream or no island"):
        workflow.species_report(island=Island.TORGERSEN)


def test_a_text_that_is_no_island_is_refused_before_any_task():
    with pytest.raises(Exception, match="Value Emperor is not of type"):
        workflow.species_report(island="Emperor")
