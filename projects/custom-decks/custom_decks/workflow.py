"""Two models predict the sex of a penguin. Decks show which model to trust, and the origin of the model.

Read from top to bottom: the data, the models, their predictions for unseen penguins, the comparison, the model card,
the workflow. The renderers are in the other files of this folder.
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

PURPOSE = "Predicts the sex of adult Adelie, Chinstrap and Gentoo penguins from four measures; not tested on others."

# The tab for the outputs of a task. Without this list, a deck has five tabs, and one lists the packages of pip.
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


# The renderer is part of the type: the signature shows what the deck contains, and the body needs no code for it.
@task(resources=SMALL, enable_deck=True, deck_fields=OUTPUT)
def train(data: pd.DataFrame, classifier: str) -> Annotated[Pipeline, EstimatorRenderer()]:
    """Trains a classifier of the sex on all data."""
    model = make_pipeline(StandardScaler(), CLASSIFIERS[classifier]())
    return model.fit(data[penguins.FEATURES], data["sex"] == "male")


@task(resources=SMALL, enable_deck=True, deck_fields=OUTPUT)
def judge(model: Pipeline, data: pd.DataFrame, seed: int, folds: int) -> Judged:
    """For every fold, trains the model again on the other folds and predicts the unseen penguins."""
    measures, male = data[penguins.FEATURES], data["sex"] == "male"
    splits = list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(measures, male))
    probability = cross_val_predict(model, measures, male, cv=splits, method="predict_proba")[:, 1]
    scores = {
        "accuracy": accuracy_score(male, probability >= 0.5),
        # Each fold has a model of its own, so only penguins of the same fold can be ranked against each other.
        "ROC AUC": np.mean([roc_auc_score(male.iloc[unseen], probability[unseen]) for _, unseen in splits]),
        "Brier score": brier_score_loss(male, probability),
    }
    predictions = pd.DataFrame({"species": data["species"], "male": male, "probability": probability})
    return Judged(predictions, {name: float(score) for name, score in scores.items()})


# A task may exist only for its deck. Each Deck is a tab; deck_fields=() removes Flyte's own tabs.
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
    """Trains the model again on increasing numbers of penguins, from a tenth to all of those in the other folds."""
    unseen = StratifiedKFold(folds, shuffle=True, random_state=seed)
    measures, male, sizes = data[penguins.FEATURES], data["sex"] == "male", np.linspace(0.1, 1, 8)
    rows, training, validation = learning_curve(
        model, measures, male, cv=unseen, train_sizes=sizes, shuffle=True, random_state=seed
    )
    return LearningCurve(rows, training, validation)


# Programs read the card as an output; people read it as a deck.
@task(resources=SMALL, enable_deck=True, deck_fields=OUTPUT)
def write_card(
    model: Pipeline, data: pd.DataFrame, scores: dict[str, float], seed: int, folds: int
) -> Annotated[ModelCard, CardRenderer()]:
    """Describes the model and its origin."""
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
