"""The network, and the transformer that makes the network a Flyte type.

flytekit's transformer for modules pickles the whole object, including its code. Since release 2.6, PyTorch refuses to
load such a file, because everyone who can write the file can run code where it is read. The transformer below stores
the sizes and the weights of the network, and builds the network from them.
"""

import torch
from flytekit import BlobType, FlyteContext
from flytekit.core.type_engine import TypeEngine, TypeTransformer
from flytekit.models.literals import Blob, BlobMetadata, Literal, Scalar
from flytekit.models.types import LiteralType
from torch import nn


class Classifier(nn.Module):
    """Two layers, which map `inputs` measures of each penguin to a score for each of `outputs` species."""

    def __init__(self, inputs: int, hidden: int, outputs: int):
        super().__init__()
        self.sizes = (inputs, hidden, outputs)
        self.layers = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))

    def forward(self, measures: torch.Tensor) -> torch.Tensor:
        return self.layers(measures)


class ClassifierTransformer(TypeTransformer[Classifier]):
    """Stores a Classifier as a file that contains only numbers."""

    FORMAT = BlobType(format="Classifier", dimensionality=BlobType.BlobDimensionality.SINGLE)

    def __init__(self):
        super().__init__("Classifier", Classifier)

    def get_literal_type(self, t: type[Classifier]) -> LiteralType:
        """Returns the type that the cluster compares. A file of this format fits only inputs of this format."""
        return LiteralType(blob=self.FORMAT)

    def to_literal(
        self, ctx: FlyteContext, python_val: Classifier, python_type: type[Classifier], expected: LiteralType
    ) -> Literal:
        """Writes the file and uploads it. Flyte calls this method when a task returns a Classifier."""
        file = ctx.file_access.get_random_local_path()
        torch.save({"sizes": python_val.sizes, "weights": python_val.state_dict()}, file)
        remote = ctx.file_access.put_raw_data(file)
        return Literal(scalar=Scalar(blob=Blob(metadata=BlobMetadata(type=self.FORMAT), uri=remote)))

    def to_python_value(self, ctx: FlyteContext, lv: Literal, expected_python_type: type[Classifier]) -> Classifier:
        """Downloads the file and builds the network on the processor, when a task takes a Classifier."""
        file = ctx.file_access.get_random_local_path()
        ctx.file_access.get_data(lv.scalar.blob.uri, file)
        # weights_only: PyTorch reads numbers and never runs code.
        stored = torch.load(file, weights_only=True, map_location="cpu")
        classifier = Classifier(*stored["sizes"])
        classifier.load_state_dict(stored["weights"])
        return classifier


TypeEngine.register(ClassifierTransformer())
