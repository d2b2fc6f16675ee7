"""The tasks that need no PyTorch. They run in the light image, so this module must not import PyTorch."""

from typing import NamedTuple

import pandas as pd
from flytekit import task
from workshop import penguins
from workshop.resources import SMALL


class Parts(NamedTuple):
    train: pd.DataFrame
    test: pd.DataFrame


@task(resources=SMALL)
def split_data(seed: int) -> Parts:
    """Splits the penguins: 80 % to train, 20 % to test. Mean and deviation of the training part scale the measures."""
    shuffled = penguins.load_measured().sample(frac=1, random_state=seed, ignore_index=True)
    split = int(0.8 * len(shuffled))
    measures = shuffled[penguins.FEATURES]
    mean, deviation = measures[:split].mean(), measures[:split].std()
    scaled = shuffled[[penguins.TARGET]].join((measures - mean) / deviation)
    return Parts(train=scaled[:split], test=scaled[split:])


@task(resources=SMALL)
def judge(test: pd.DataFrame, predicted: list[str]) -> float:
    """Returns the accuracy: the share of the penguins whose species the model predicts correctly."""
    return float((test[penguins.TARGET] == predicted).mean())
