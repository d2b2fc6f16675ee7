"""Exercise 3: the model carries its accuracy on the training part, and files of the old code stay readable."""

from dataclasses import fields

import pytest
import skops.io
from flytekit.core.type_engine import TypeTransformerFailedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from type_system.model import SpeciesModel, read_model, write_model
from workshop import penguins

FEATURES = penguins.FEATURES[:2]


@pytest.fixture
def content():
    data = penguins.load_measured()
    return {
        "features": FEATURES,
        "pipeline": make_pipeline(LogisticRegression()).fit(data[FEATURES], data[penguins.TARGET]),
    }


def test_begun():
    names = [field.name for field in fields(SpeciesModel)]
    assert "train_accuracy" in names, f"SpeciesModel has no field train_accuracy; its fields are {', '.join(names)}"


def test_read_back(content, tmp_path):
    write_model(SpeciesModel(**content, train_accuracy=0.5), tmp_path / "model")
    try:
        found = read_model(tmp_path / "model").train_accuracy
    except TypeTransformerFailedError as error:
        found = str(error)
    assert found == 0.5, f"of a stored model with train_accuracy 0.5, read_model returns {found}"


def test_files_of_the_old_code(content, tmp_path):
    skops.io.dump(content, tmp_path / "model")
    try:
        found = read_model(tmp_path / "model").train_accuracy
    except TypeTransformerFailedError as error:
        found = str(error)
    assert found is None, f"a file that the old code wrote must give train_accuracy None, not: {found}"


def reading(file) -> str:
    """Returns what read_model does with a file."""
    try:
        read_model(file)
    except TypeTransformerFailedError:
        return "refuses"
    except Exception as error:
        return f"ends with {type(error).__name__}, not with TypeTransformerFailedError, for"
    return "accepts"


def test_further_content(content, tmp_path):
    skops.io.dump(content | {"owner": "me"}, tmp_path / "model")
    found = reading(tmp_path / "model")
    assert found == "refuses", f"read_model {found} a file with further content; only the three keys are allowed"


@pytest.mark.parametrize("further", [{}, {"train_accuracy": 0.5}], ids=["old", "new"])
def test_incomplete_content(further, tmp_path):
    skops.io.dump({"features": FEATURES} | further, tmp_path / "model")
    found = reading(tmp_path / "model")
    assert found == "refuses", f"read_model {found} a file without a pipeline; only the accuracy may be missing"


def test_workflow(execute):
    found = execute("type_system.workflow:species_report", {})["model"].train_accuracy
    assert found == pytest.approx(0.96875), (
        f"in the workflow's output model, train_accuracy must be 0.96875, not {found}"
    )
