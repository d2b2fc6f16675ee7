"""The tasks that need no PyTorch. They run in the light image, so nothing here may import it."""

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
    """Returns 80 % of the penguins to train and 20 % to test, each measure scaled by the training part."""
    shuffled = penguins.load_measured().sample(frac=1, random_state=seed, ignore_index=True)
    split = int(0.8 * len(shuffled))
    measures = shuffled[penguins.FEATURES]
    mean, deviation = measures[:split].mean(), measures[:split].std()
    scaled = shuffled[[penguins.TARGET]].join((measures - mean) / deviation)
    return Parts(train=scaled[:split], test=scaled[split:])


@task(resources=SMALL)
def judge(test: pd.DataFrame, predicted: list[str]) -> float:
    """Returns the accuracy: the share of the penguins whose species was named right."""
    return float((test[penguins.TARGET] == predicted).mean())
