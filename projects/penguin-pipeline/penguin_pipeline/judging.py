"""Is the candidate better than the model in use, and can its probabilities be believed? NumPy is enough to ask."""

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from flytekit import Cache, Deck, task
from flytekit.types.file import FlyteFile
from workshop import penguins

from penguin_pipeline.data import CLASSES, TARGET, measured
from penguin_pipeline.decks import calibration_curve, table
from penguin_pipeline.sizes import LIGHT
from penguin_pipeline.store import Store

# A candidate must have a smaller loss by this share. Otherwise the model in use would change for nothing.
GAIN = 0.05
# The largest mean distance between confidence and accuracy, of all bins of the calibration curve.
LARGEST_ERROR = 0.1
BINS = 5


class Best(NamedTuple):
    rate: float
    failed_trials: int


class Judged(NamedTuple):
    is_better: bool
    is_calibrated: bool
    verdict: str
    scores: dict[str, float]


@task(resources=LIGHT, cache=Cache(version="1"))
def pick_best(rates: list[float], losses: list[float | None]) -> Best:
    """Returns the rate with the smallest loss. The loss of a failed trial is None."""
    if not rates:
        raise ValueError("rates is empty; choose at least one learning rate")
    done = [(loss, rate) for loss, rate in zip(losses, rates, strict=True) if loss is not None]
    return Best(rate=min(done)[1], failed_trials=len(rates) - len(done))


# Not cached: it asks which model is in use, and the answer is not among its inputs.
@task(resources=LIGHT, enable_deck=True, deck_fields=())
def judge(model: FlyteFile, store: str) -> Judged:
    """Compares the candidate with the model in use, on the penguins that are held out."""
    held_out, in_use = measured(held_out=True), Store(store).model_in_use()
    truth = pd.Categorical(held_out[TARGET], categories=CLASSES).codes
    chances = probabilities(Path(model).read_bytes(), held_out)
    scores = scored(chances, truth)
    if in_use:
        scores |= {f"{name} in use": score for name, score in scored(probabilities(in_use, held_out), truth).items()}
    Deck("Scores", table(scores))
    Deck("Calibration", calibration_curve(bins(chances, truth)))
    is_better = scores["loss"] < (1 - GAIN) * scores.get("loss in use", np.inf)
    is_calibrated = scores["calibration error"] <= LARGEST_ERROR
    verdict = f"{'better' if is_better else 'not better'}, {'calibrated' if is_calibrated else 'not calibrated'}"
    return Judged(is_better, is_calibrated, verdict, scores)


def probabilities(model: bytes, rows: pd.DataFrame) -> np.ndarray:
    """Returns the probability of each class for each row."""
    with np.load(io.BytesIO(model), allow_pickle=False) as stored:
        scaled = (rows[penguins.FEATURES].to_numpy() - stored["mean"]) / stored["deviation"]
        hidden = np.tanh(scaled @ stored["hidden_weights"].T + stored["hidden_bias"])
        scores = hidden @ stored["output_weights"].T + stored["output_bias"]
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def scored(chances: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Returns accuracy, loss (mean negative log-likelihood) and calibration error."""
    curve = bins(chances, truth)
    error = ((curve["confidence"] - curve["accuracy"]).abs() * curve["penguins"]).sum() / curve["penguins"].sum()
    return {
        "accuracy": float((chances.argmax(axis=1) == truth).mean()),
        "loss": float(-np.log(chances[np.arange(len(truth)), truth]).mean()),
        "calibration error": float(error),
    }


def bins(chances: np.ndarray, truth: np.ndarray) -> pd.DataFrame:
    """Groups the predictions by confidence. A calibrated model is right in 80 % of those with a confidence of 80 %."""
    found = pd.DataFrame(
        {"confidence": chances.max(axis=1), "accuracy": chances.argmax(axis=1) == truth, "penguins": 1}
    )
    groups = found.groupby(pd.cut(found["confidence"], np.linspace(0, 1, BINS + 1)), observed=True)
    return groups.agg({"confidence": "mean", "accuracy": "mean", "penguins": "sum"})
