"""Renderers: each turns one kind of value into HTML for a deck.

The whole protocol is an object with `to_html(value) -> str`. Put the renderer into the type annotation of an output,
`Annotated[Model, Renderer()]`; the tab Output then shows its HTML. Or call the renderer in the task and name a tab,
`Deck("Calibration", Renderer().to_html(value))`. The page must open in a year, on a machine without a network.
Therefore a renderer embeds everything that it needs, and links to nothing.
"""

import base64
import io
import re
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibrationDisplay
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import LearningCurveDisplay
from sklearn.utils import estimator_html_repr

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# The plots below compare the predictions of several models, by the name of the model. Each row is a penguin that the
# model was not trained on. `male` is the true value; `probability` is the predicted probability of a male, 0 to 1.
Predictions = Mapping[str, pd.DataFrame]


class LearningCurve(NamedTuple):
    """The accuracies of a model that was trained on increasing numbers of rows.

    Attributes:
        rows: the numbers of rows, shape (sizes,).
        training, validation: the accuracies on the training rows and on other rows, shape (sizes, folds).
    """

    rows: np.ndarray
    training: np.ndarray
    validation: np.ndarray


class EstimatorRenderer:
    """Shows a scikit-learn estimator as scikit-learn's own HTML. Each step opens to show its parameters."""

    def to_html(self, model: BaseEstimator) -> str:
        # The HTML links each parameter to scikit-learn's website. The descriptions are in the page too.
        html = re.sub(r' href="https?:[^"]*"', "", estimator_html_repr(model))
        # The script warns in the browser's console about its own button, which copies the names of features.
        return html.replace("console.warn(", "void (")


FACTS = """<style>
  table.facts { font: 14px/1.7 sans-serif }
  table.facts :is(th, td) { text-align: left; vertical-align: top; overflow-wrap: anywhere }
  table.facts th { width: 13em }
</style>"""


class TableRenderer:
    """Shows a dictionary as a table of two columns."""

    def to_html(self, values: Mapping[str, Any]) -> str:
        # Values from outside are escaped: the page shows HTML in a value as text.
        rows = (f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in values.items())
        return f"{FACTS}<table class='facts'>{''.join(rows)}</table>"


class ConfusionRenderer:
    """Counts the predictions of each model by true and predicted sex."""

    def to_html(self, predictions: Predictions) -> str:
        figure = new_figure(width=4 * len(predictions), height=3.5)
        every_axes = figure.subplots(1, len(predictions), squeeze=False)[0]
        for axes, (name, rows) in zip(every_axes, predictions.items(), strict=True):
            ConfusionMatrixDisplay.from_predictions(
                np.where(rows["male"], "male", "female"),
                np.where(rows["probability"] >= 0.5, "male", "female"),
                labels=["female", "male"],
                cmap="Blues",
                im_kw={"vmin": 0},
                colorbar=False,
                ax=axes,
            )
            axes.set(title=name, xlabel="predicted sex", ylabel="true sex")
        return picture(figure, "Confusion matrices")


class CalibrationRenderer:
    """Compares predicted probabilities with observed shares; they agree on the diagonal."""

    def __init__(self, bins: int = 8):
        """Takes the number of bins; each bin has the same number of predictions."""
        self.bins = bins

    def to_html(self, predictions: Predictions) -> str:
        figure = new_figure(width=5.5, height=4)
        axes = figure.subplots()
        for name, rows in predictions.items():
            CalibrationDisplay.from_predictions(
                rows["male"], rows["probability"], n_bins=self.bins, strategy="quantile", name=name, ax=axes
            )
        axes.set(xlabel="stated probability of a male", ylabel="share of males")
        return picture(figure, "Calibration curves")


class LearningCurveRenderer:
    """Shows whether more data would help: a validation curve that still rises says yes, a flat one no."""

    def to_html(self, curves: Mapping[str, LearningCurve]) -> str:
        figure = new_figure(width=4 * len(curves), height=3.5)
        every_axes = figure.subplots(1, len(curves), squeeze=False, sharey=True)[0]
        for axes, (name, curve) in zip(every_axes, curves.items(), strict=True):
            display = LearningCurveDisplay(
                train_sizes=curve.rows, train_scores=curve.training, test_scores=curve.validation, score_name="accuracy"
            )
            display.plot(ax=axes)
            axes.set(title=name, xlabel="penguins to learn from")
        return picture(figure, "Learning curves")


def new_figure(width: float, height: float) -> "Figure":
    """Returns an empty figure; sizes in inches."""
    # Imported here, since the import takes a fifth of a task's start-up time, and most tasks draw nothing.
    from matplotlib.figure import Figure

    # Without pyplot, because pyplot keeps every figure for a window, and a task has no window.
    return Figure(figsize=(width, height), layout="constrained")


def picture(figure: "Figure", words: str) -> str:
    """Returns a figure as an image in the page; `words` is the alternative text.

    SVG is sharp and small. An <img> isolates the names inside the SVG; otherwise the figures in one page would use
    each other's parts. The same figure gives the same bytes.
    """
    from matplotlib import rc_context

    file = io.BytesIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": words}):
        figure.savefig(file, format="svg", metadata={"Date": None})
    data = base64.b64encode(file.getvalue()).decode()
    return f'<img alt="{escape(words)}" src="data:image/svg+xml;base64,{data}">'
