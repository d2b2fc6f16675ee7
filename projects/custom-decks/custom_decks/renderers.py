"""Renderers: each turns one kind of value into HTML for a deck.

That is the whole protocol: an object with `to_html(value) -> str`. Stand one in the type of a task's output,
`Annotated[Model, Renderer()]`, and the Output tab shows what it makes; or call one in the task and name the tab,
`Deck("Calibration", Renderer().to_html(value))`. The page must open in a year, on a machine without a network:
so a renderer embeds all that it needs, and links to nothing.
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


# What the plots below compare, by the name of the model: what it states of penguins that it had not seen, one a
# row. `male` is the truth, `probability` that of a male, from 0 to 1, according to the model.
Predictions = Mapping[str, pd.DataFrame]


class LearningCurve(NamedTuple):
    """The accuracies of a model that was trained on ever more rows.

    Attributes:
        rows: how many, shape (sizes,).
        training, validation: on the rows that it was trained on and on others, shape (sizes, folds).
    """

    rows: np.ndarray
    training: np.ndarray
    validation: np.ndarray


class EstimatorRenderer:
    """Shows a scikit-learn estimator as its own HTML: the steps, which unfold to their parameters."""

    def to_html(self, model: BaseEstimator) -> str:
        # It links each parameter to scikit-learn's website; what it says of them is in the page as well.
        html = re.sub(r' href="https?:[^"]*"', "", estimator_html_repr(model))
        # Of a button of its own, which copies the names of features, its script warns in the browser's console.
        return html.replace("console.warn(", "void (")


FACTS = """<style>
  table.facts { font: 14px/1.7 sans-serif }
  table.facts :is(th, td) { text-align: left; vertical-align: top; overflow-wrap: anywhere }
  table.facts th { width: 13em }
</style>"""


class TableRenderer:
    """Shows a dictionary as a table of two columns."""

    def to_html(self, values: Mapping[str, Any]) -> str:
        # What comes from outside is escaped: HTML in a value is shown as text, and never becomes part of the page.
        rows = (f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in values.items())
        return f"{FACTS}<table class='facts'>{''.join(rows)}</table>"


class ConfusionRenderer:
    """Counts what each model takes for what."""

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
            axes.set(title=name, xlabel="taken for", ylabel="is")
        return picture(figure, "Confusion matrices")


class CalibrationRenderer:
    """Compares the probabilities that models state with the shares that come true; on the diagonal they agree."""

    def __init__(self, bins: int = 8):
        """Takes the number of bins; each holds the same number of predictions."""
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
    """Shows what more data would bring: curves that still rise and approach each other ask for it, flat ones do not."""

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
    """An empty figure; sizes in inches."""
    # Imported here, since it takes a fifth of the start of a task, and most tasks draw nothing.
    from matplotlib.figure import Figure

    # Not by pyplot: that keeps every figure, for a window that a task does not have.
    return Figure(figsize=(width, height), layout="constrained")


def picture(figure: "Figure", words: str) -> str:
    """A figure as an image in the page; `words` are for those who cannot see it.

    SVG stays sharp and small. In an <img> the names inside of it are its own: several figures in one page would
    otherwise find each other's parts. The same figure gives the same bytes.
    """
    from matplotlib import rc_context

    file = io.BytesIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": words}):
        figure.savefig(file, format="svg", metadata={"Date": None})
    data = base64.b64encode(file.getvalue()).decode()
    return f'<img alt="{escape(words)}" src="data:image/svg+xml;base64,{data}">'
