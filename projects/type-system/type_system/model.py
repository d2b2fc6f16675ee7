"""A type of your own: a fitted model with the names of its features, and how Flyte stores it.

flytekit stores a scikit-learn model as a pickle, and whoever can write that file can run code in every task
that reads it. Here the file may hold nothing but scikit-learn's own classes, numbers and texts: skops checks
what the file asks for before it makes any of it.
"""

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import pandas as pd
import skops.io
from flytekit import FlyteContext
from flytekit.core.type_engine import TypeEngine, TypeTransformer, TypeTransformerFailedError
from flytekit.models.core.types import BlobType
from flytekit.models.literals import Blob, BlobMetadata, Literal, Scalar
from flytekit.models.types import LiteralType
from sklearn.pipeline import Pipeline
from skops.io.exceptions import UntrustedTypesFoundException


@dataclass(frozen=True)
class SpeciesModel:
    """A fitted pipeline, and the columns that it was fitted on, in their order."""

    pipeline: Pipeline
    features: list[str]

    def predict(self, data: pd.DataFrame) -> pd.Series:
        """Returns the species of each penguin; `data` may have more columns than the features."""
        return pd.Series(self.pipeline.predict(data[self.features]), index=data.index)


def write_model(model: SpeciesModel, file: Path) -> None:
    skops.io.dump({"features": model.features, "pipeline": model.pipeline}, file)


def read_model(file: Path) -> SpeciesModel:
    """Reads what `write_model` wrote; raises TypeTransformerFailedError for any other file."""
    try:
        content = skops.io.load(file, trusted=[])
    except UntrustedTypesFoundException:
        foreign = ", ".join(skops.io.get_untrusted_types(file=file))
        raise TypeTransformerFailedError(f"no species model: the file asks for {foreign}") from None
    except (BadZipFile, KeyError, TypeError, ValueError) as error:
        raise TypeTransformerFailedError(f"no species model: {error}") from None
    if not isinstance(content, dict) or content.keys() != {"features", "pipeline"}:
        raise TypeTransformerFailedError("no species model: the file holds something else")
    model = SpeciesModel(**content)
    if not isinstance(model.pipeline, Pipeline) or list(model.pipeline.feature_names_in_) != model.features:
        raise TypeTransformerFailedError("no species model: its pipeline was not fitted on its features")
    return model


class SpeciesModelTransformer(TypeTransformer[SpeciesModel]):
    """To Flyte a species model is one file of a format of its own: a blob."""

    BLOB = BlobType(format="species-model", dimensionality=BlobType.BlobDimensionality.SINGLE)

    def __init__(self) -> None:
        super().__init__("species model", SpeciesModel)

    def get_literal_type(self, t: type[SpeciesModel]) -> LiteralType:
        """The type in the graph: what `make typecheck` and the cluster compare."""
        return LiteralType(blob=self.BLOB)

    def to_literal(
        self, ctx: FlyteContext, python_val: SpeciesModel, python_type: type[SpeciesModel], expected: LiteralType
    ) -> Literal:
        """Called when a task returns a model: writes the file to where Flyte keeps data."""
        file = Path(ctx.file_access.get_random_local_path())
        file.parent.mkdir(parents=True, exist_ok=True)
        write_model(python_val, file)
        uri = ctx.file_access.put_raw_data(str(file))
        return Literal(scalar=Scalar(blob=Blob(metadata=BlobMetadata(type=self.BLOB), uri=uri)))

    def to_python_value(self, ctx: FlyteContext, lv: Literal, expected_python_type: type[SpeciesModel]) -> SpeciesModel:
        """Called when a task takes a model: fetches the file and reads it."""
        file = ctx.file_access.get_random_local_path()
        ctx.file_access.get_data(lv.scalar.blob.uri, file, is_multipart=False)
        return read_model(Path(file))

    def guess_python_type(self, literal_type: LiteralType) -> type[SpeciesModel]:
        """The way back from the graph, for clients that have the workflow but not its code."""
        if literal_type.blob is not None and literal_type.blob.format == self.BLOB.format:
            return SpeciesModel
        raise ValueError(f"{literal_type} is no species model")


TypeEngine.register(SpeciesModelTransformer())
