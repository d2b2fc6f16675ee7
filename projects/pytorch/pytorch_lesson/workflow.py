"""A workflow that trains a network in a heavy image, between tasks in a light image.

Read from top to bottom: the image and the resources of the heavy tasks, the tasks, and the workflow. The light tasks
are in data.py. classifier.py defines the network, and how tasks pass it on.
"""

import os
from typing import NamedTuple

import pandas as pd
import torch
from flytekit import Resources, task, workflow
from torch.nn.functional import cross_entropy
from workshop import penguins

from pytorch_lesson.classifier import Classifier
from pytorch_lesson.data import judge, split_data

# The image "training" of lesson.toml. Registration fills in its name and its tag.
TRAINING = "{{.image.training.fqn}}:{{.image.training.version}}"

# TORCH=cuda requests a GPU from the cluster. Kubernetes requires an equal request and limit for GPUs.
GPU = ("1", "1") if os.environ.get("TORCH") == "cuda" else None
TRAINING_SIZE = Resources(cpu=("1", "2"), mem=("800Mi", "2Gi"), gpu=GPU)


class Accuracy(NamedTuple):
    accuracy: float


class Examples(NamedTuple):
    measures: torch.Tensor
    species: torch.Tensor


@task(container_image=TRAINING, resources=TRAINING_SIZE)
def to_tensors(data: pd.DataFrame) -> Examples:
    """Returns the measures, of shape (penguins, 4), and the species numbers, of shape (penguins,)."""
    species = pd.Categorical(data[penguins.TARGET], categories=penguins.SPECIES)
    return Examples(
        measures=torch.tensor(data[penguins.FEATURES].to_numpy(), dtype=torch.float32),
        species=torch.tensor(species.codes, dtype=torch.long),
    )


@task(container_image=TRAINING, resources=TRAINING_SIZE)
def train(measures: torch.Tensor, species: torch.Tensor, hidden: int, n_epochs: int, seed: int) -> Classifier:
    """Returns the network after `n_epochs` epochs. Each epoch is one batch of all penguins."""
    # Only the first weights are random. The processor draws them, because a GPU would draw other weights.
    torch.manual_seed(seed)
    classifier = Classifier(measures.shape[1], hidden, len(penguins.SPECIES))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    classifier, measures, species = classifier.to(device), measures.to(device), species.to(device)
    optimizer = torch.optim.Adam(classifier.parameters(), lr=0.01)
    for _ in range(n_epochs):
        optimizer.zero_grad()
        cross_entropy(classifier(measures), species).backward()
        optimizer.step()
    return classifier


@task(container_image=TRAINING, resources=TRAINING_SIZE)
def predict(classifier: Classifier, measures: torch.Tensor) -> list[str]:
    """Returns the name of the most likely species of each penguin."""
    with torch.inference_mode():
        return [penguins.SPECIES[number] for number in classifier(measures).argmax(dim=1)]


@workflow
def train_and_judge(hidden: int = 16, n_epochs: int = 200, seed: int = 42) -> Accuracy:
    """Trains a network on 80 % of the penguins, and judges it on the other 20 %."""
    parts = split_data(seed=seed)
    examples = to_tensors(data=parts.train)
    classifier = train(
        measures=examples.measures, species=examples.species, hidden=hidden, n_epochs=n_epochs, seed=seed
    )
    unseen = to_tensors(data=parts.test)
    predicted = predict(classifier=classifier, measures=unseen.measures)
    return Accuracy(judge(test=parts.test, predicted=predicted))


if __name__ == "__main__":
    print(train_and_judge())
