"""Is this penguin a male? Two models, and decks that show which of them to trust, and where it came from.

Read from top to bottom: the data, the models, what they state of penguins that they have not seen, the comparison,
the model card, the workflow. The renderers are in the files beside this one.
"""

from typing import Annotated, NamedTuple

import joblib
import numpy as np
import pandas as pd
from flytekit import Deck, task, workflow
from flytekit.deck import DeckField
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict, learning_curve
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from workshop import penguins
from workshop.hashes import hash_frame
from workshop.resources import SMALL

from custom_decks.card import CardRenderer, ModelCard, origin
from custom_decks.renderers import (
    CalibrationRenderer,
    ConfusionRenderer,
    EstimatorRenderer,
    LearningCurve,
    LearningCurveRenderer,
    TableRenderer,
)
from custom_decks.threshold import ThresholdRenderer

LOGISTIC, BAYES = "logistic regression", "naive Bayes"
CLASSIFIERS = {LOGISTIC: LogisticRegression, BAYES: GaussianNB}

PURPOSE = "Tells the sex of adult Adelie, Chinstrap and Gentoo penguins from four measures; untried on any other."

# The tab that shows a task's outputs. Without a list a deck has five tabs, and lists the packages of pip.
OUTPUT = (DeckField.OUTPUT,)


class Judged(NamedTuple):
    predictions: Annotated[pd.DataFrame, ThresholdRenderer()]
    scores: Annotated[dict[str, float], TableRenderer()]


class Audited(NamedTuple):
    model: Pipeline
    card: ModelCard
    accuracy: float
    bayes_accuracy: float


@task(resources=SMALL)
def get_data() -> pd.DataFrame:
    """Returns the 333 penguins whose sex and measures are known."""
    return penguins.load().dropna(subset=["sex", *penguins.FEATURES])


# The renderer stands in the type: whoever reads the task sees what its deck shows, and the body is free of it.
@task(resources=SMALL, enable_deck=True, deck_fields=OUTPUT)
def train(data: pd.DataFrame, classifier: str) -> Annotated[Pipeline, EstimatorRenderer()]:
    """Fits a classifier of the sex to all of the data."""
    model = make_pipeline(StandardScaler(), CLASSIFIERS[classifier]())
    return model.fit(data[penguins.FEATURES], data["sex"] == "male")


@task(resources=SMALL, enable_deck=True, deck_fields=OUTPUT)
def judge(model: Pipeline, data: pd.DataFrame, seed: int, folds: int) -> Judged:
    """Trains the model again for every fold, on the others, and asks it about the penguins that it has not seen."""
    male = data["sex"] == "male"
    unseen = StratifiedKFold(folds, shuffle=True, random_state=seed)
    probability = cross_val_predict(model, data[penguins.FEATURES], male, cv=unseen, method="predict_proba")[:, 1]
    scores = {
        "accuracy": accuracy_score(male, probability >= 0.5),
        "ROC AUC": roc_auc_score(male, probability),
        "Brier score": brier_score_loss(male, probability),
    }
    predictions = pd.DataFrame({"species": data["species"], "male": male, "probability": probability})
    return Judged(predictions, {name: float(score) for name, score in scores.items()})


# A task may exist for its deck alone. Each Deck is a tab; no field of Flyte's own is asked for.
@task(resources=SMALL, enable_deck=True, deck_fields=())
def compare(
    models: dict[str, Pipeline], predictions: dict[str, pd.DataFrame], data: pd.DataFrame, seed: int, folds: int
) -> None:
    """Shows the models side by side."""
    Deck("Calibration", CalibrationRenderer().to_html(predictions))
    Deck("Confusion", ConfusionRenderer().to_html(predictions))
    curves = {name: learn(model, data, seed, folds) for name, model in models.items()}
    Deck("Learning curves", LearningCurveRenderer().to_html(curves))


def learn(model: Pipeline, data: pd.DataFrame, seed: int, folds: int) -> LearningCurve:
    """Trains the model again on a tenth of the penguins, and on ever more."""
    unseen = StratifiedKFold(folds, shuffle=True, random_state=seed)
    measures, male, sizes = data[penguins.FEATURES], data["sex"] == "male", np.linspace(0.1, 1, 8)
    rows, training, validation = learning_curve(
        model, measures, male, cv=unseen, train_sizes=sizes, shuffle=True, random_state=seed
    )
    return LearningCurve(rows, training, validation)


# The card is an output like any other, for programs; and a deck, for people.
@task(resources=SMALL, enable_deck=True, deck_fields=OUTPUT)
def write_card(
    model: Pipeline, data: pd.DataFrame, scores: dict[str, float], seed: int, folds: int
) -> Annotated[ModelCard, CardRenderer()]:
    """Writes down what the model is, and where it comes from."""
    return ModelCard(
        purpose=PURPOSE,
        model=" ".join(str(model).split()),
        model_hash=joblib.hash(model),
        data_sha256=hash_frame(data),
        rows=len(data),
        inputs={"seed": seed, "folds": folds},
        scores=scores,
        origin=origin(),
    )


@workflow
def audited_training(seed: int = 1, folds: int = 5) -> Audited:
    """Trains two models and compares them; returns the logistic regression with its card, and both accuracies."""
    data = get_data()
    logistic, bayes = train(data=data, classifier=LOGISTIC), train(data=data, classifier=BAYES)
    judged = judge(model=logistic, data=data, seed=seed, folds=folds)
    judged_bayes = judge(model=bayes, data=data, seed=seed, folds=folds)
    compare(
        models={LOGISTIC: logistic, BAYES: bayes},
        predictions={LOGISTIC: judged.predictions, BAYES: judged_bayes.predictions},
        data=data,
        seed=seed,
        folds=folds,
    )
    return Audited(
        model=logistic,
        card=write_card(model=logistic, data=data, scores=judged.scores, seed=seed, folds=folds),
        accuracy=judged.scores["accuracy"],
        bayes_accuracy=judged_bayes.scores["accuracy"],
    )


if __name__ == "__main__":
    print(audited_training())
