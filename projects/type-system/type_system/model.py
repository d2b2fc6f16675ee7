"""A custom type: a fitted model with the names of its features, and the transformer that stores the model.

flytekit stores a scikit-learn model as a pickle, and everyone who can write this file can run code in every task that
reads the file. Here, the file may contain only scikit-learn's own classes, numbers and texts. Before skops creates any
object, it checks the content of the file.
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
    """A fitted pipeline, and the columns of its training data, in their order."""

    pipeline: Pipeline
    features: list[str]

    def predict(self, data: pd.DataFrame) -> pd.Series:
        """Returns the species of each penguin. `data` may have more columns than the features."""
        return pd.Series(self.pipeline.predict(data[self.features]), index=data.index)


def write_model(model: SpeciesModel, file: Path) -> None:
    skops.io.dump({"features": model.features, "pipeline": model.pipeline}, file)


def read_model(file: Path) -> SpeciesModel:
    """Reads a file of `write_model`. Raises TypeTransformerFailedError for any other file."""
    try:
        content = skops.io.load(file, trusted=[])
    except UntrustedTypesFoundException:
        foreign = ", ".join(skops.io.get_untrusted_types(file=file))
        raise TypeTransformerFailedError(f"not a species model: the file requires {foreign}") from None
    except (BadZipFile, KeyError, TypeError, ValueError) as error:
        raise TypeTransformerFailedError(f"not a species model: {error}") from None
    if not isinstance(content, dict) or content.keys() != {"features", "pipeline"}:
        raise TypeTransformerFailedError("not a species model: the file has other content")
    model = SpeciesModel(**content)
    if not isinstance(model.pipeline, Pipeline) or list(model.pipeline.feature_names_in_) != model.features:
        raise TypeTransformerFailedError("not a species model: its pipeline was fitted on other features")
    return model


class SpeciesModelTransformer(TypeTransformer[SpeciesModel]):
    """Stores a species model as a blob: one file with its own format."""

    BLOB = BlobType(format="species-model", dimensionality=BlobType.BlobDimensionality.SINGLE)

    def __init__(self) -> None:
        super().__init__("species model", SpeciesModel)

    def get_literal_type(self, t: type[SpeciesModel]) -> LiteralType:
        """Returns the type in the graph, which `make typecheck` and the cluster compare."""
        return LiteralType(blob=self.BLOB)

    def to_literal(
        self, ctx: FlyteContext, python_val: SpeciesModel, python_type: type[SpeciesModel], expected: LiteralType
    ) -> Literal:
        """Writes the file to Flyte's store. Flyte calls this method when a task returns a model."""
        file = Path(ctx.file_access.get_random_local_path())
        file.parent.mkdir(parents=True, exist_ok=True)
        write_model(python_val, file)
        uri = ctx.file_access.put_raw_data(str(file))
        return Literal(scalar=Scalar(blob=Blob(metadata=BlobMetadata(type=self.BLOB), uri=uri)))

    def to_python_value(self, ctx: FlyteContext, lv: Literal, expected_python_type: type[SpeciesModel]) -> SpeciesModel:
        """Downloads and reads the file. Flyte calls this method when a task takes a model."""
        file = ctx.file_access.get_random_local_path()
        ctx.file_access.get_data(lv.scalar.blob.uri, file, is_multipart=False)
        return read_model(Path(file))

    def guess_python_type(self, literal_type: LiteralType) -> type[SpeciesModel]:
        """Returns the Python type of a type in the graph, for clients that have the workflow but not its code."""
        if literal_type.blob is not None and literal_type.blob.format == self.BLOB.format:
            return SpeciesModel
        raise ValueError(f"{literal_type} is not the type of a species model")


TypeEngine.register(SpeciesModelTransformer())
