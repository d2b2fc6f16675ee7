"""The network, and how it travels between tasks: as a Flyte type of its own.

flytekit's transformer for modules pickles the whole object, code included, and PyTorch refuses to load
such a file since 2.6: whoever can write it can run code wherever it is read. This one stores the sizes
of the network and its weights, and builds the network from them.
"""

import torch
from flytekit import BlobType, FlyteContext
from flytekit.core.type_engine import TypeEngine, TypeTransformer
from flytekit.models.literals import Blob, BlobMetadata, Literal, Scalar
from flytekit.models.types import LiteralType
from torch import nn


class Classifier(nn.Module):
    """Two layers. Takes `inputs` measures of any number of penguins, gives a score for each of `outputs` species."""

    def __init__(self, inputs: int, hidden: int, outputs: int):
        super().__init__()
        self.sizes = (inputs, hidden, outputs)
        self.layers = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))

    def forward(self, measures: torch.Tensor) -> torch.Tensor:
        return self.layers(measures)


class ClassifierTransformer(TypeTransformer[Classifier]):
    """Stores a Classifier as a file of numbers."""

    FORMAT = BlobType(format="Classifier", dimensionality=BlobType.BlobDimensionality.SINGLE)

    def __init__(self):
        super().__init__("Classifier", Classifier)

    def get_literal_type(self, t: type[Classifier]) -> LiteralType:
        """What the cluster compares: a file of this format fits no input of another one."""
        return LiteralType(blob=self.FORMAT)

    def to_literal(
        self, ctx: FlyteContext, python_val: Classifier, python_type: type[Classifier], expected: LiteralType
    ) -> Literal:
        """Called where a task returns a Classifier: writes the file and uploads it."""
        file = ctx.file_access.get_random_local_path()
        torch.save({"sizes": python_val.sizes, "weights": python_val.state_dict()}, file)
        remote = ctx.file_access.put_raw_data(file)
        return Literal(scalar=Scalar(blob=Blob(metadata=BlobMetadata(type=self.FORMAT), uri=remote)))

    def to_python_value(self, ctx: FlyteContext, lv: Literal, expected_python_type: type[Classifier]) -> Classifier:
        """Called where a task takes a Classifier: downloads the file and builds the network on the processor."""
        file = ctx.file_access.get_random_local_path()
        ctx.file_access.get_data(lv.scalar.blob.uri, file)
        # weights_only: numbers are read, code never.
        stored = torch.load(file, weights_only=True, map_location="cpu")
        classifier = Classifier(*stored["sizes"])
        classifier.load_state_dict(stored["weights"])
        return classifier


TypeEngine.register(ClassifierTransformer())
