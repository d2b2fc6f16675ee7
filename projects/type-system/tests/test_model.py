"""Tests the custom type: which values it stores, and which files it refuses to read."""

import pickle
import zipfile
from pathlib import Path

import pytest
import skops.io
from flytekit import FlyteContextManager
from flytekit.core.type_engine import TypeEngine, TypeTransformerFailedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from type_system.model import SpeciesModel, read_model, write_model
from workshop import penguins


def fitted(*steps) -> SpeciesModel:
    data, features = penguins.load_measured(), penguins.FEATURES[:2]
    pipeline = make_pipeline(*steps, LogisticRegression()).fit(data[features], data[penguins.TARGET])
    return SpeciesModel(pipeline=pipeline, features=features)


@pytest.fixture(scope="module")
def model() -> SpeciesModel:
    return fitted(StandardScaler())


@pytest.fixture
def file(model, tmp_path) -> Path:
    write_model(model, tmp_path / "model")
    return tmp_path / "model"


def refused(file: Path) -> str:
    with pytest.raises(TypeTransformerFailedError, match=r"^not a species model: ") as refusal:
        read_model(file)
    return str(refusal.value).removeprefix("not a species model: ")


def test_flyte_stores_it_and_reads_it_back(model):
    context = FlyteContextManager.current_context()
    literal_type = TypeEngine.to_literal_type(SpeciesModel)
    assert literal_type.blob.format == "species-model"
    assert TypeEngine.get_transformer(SpeciesModel).guess_python_type(literal_type) is SpeciesModel
    literal = TypeEngine.to_literal(context, model, SpeciesModel, literal_type)
    again = TypeEngine.to_python_value(context, literal, SpeciesModel)
    data = penguins.load_measured()
    assert again.features == model.features
    assert again.predict(data).equals(model.predict(data))


def test_the_file_holds_no_pickle(file):
    with zipfile.ZipFile(file) as archive:
        assert {Path(name).suffix for name in archive.namelist()} == {".json", ".npy"}


def test_a_pickle_is_not_even_opened(model, tmp_path):
    (tmp_path / "model").write_bytes(pickle.dumps(model))
    assert refused(tmp_path / "model") == "File is not a zip file"


def test_a_file_that_would_run_code_is_refused_before_it_does(tmp_path):
    skops.io.dump({"features": ["x"], "pipeline": FunctionTransformer(func=exec)}, tmp_path / "model")
    assert refused(tmp_path / "model") == "the file requires builtins.exec"


def test_a_fitted_model_with_a_function_of_elsewhere_is_refused(tmp_path):
    write_model(fitted(FunctionTransformer(func=abs)), tmp_path / "model")
    assert refused(tmp_path / "model") == "the file requires builtins.abs"


def test_a_changed_byte_is_noticed(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    refused(file)


def test_half_a_file_is_refused(file):
    file.write_bytes(file.read_bytes()[:-100])
    refused(file)


@pytest.mark.parametrize("content", [[1, 2], {"features": ["bill_length_mm"]}], ids=["list", "no pipeline"])
def test_something_else_of_skops_is_refused(content, tmp_path):
    skops.io.dump(content, tmp_path / "model")
    assert refused(tmp_path / "model") == "the file has other content"


def test_other_features_than_those_fitted_are_refused(model, tmp_path):
    write_model(SpeciesModel(model.pipeline, ["bill_length_mm", "body_mass_g"]), tmp_path / "model")
    assert refused(tmp_path / "model") == "its pipeline was fitted on other features"
