"""An interactive plot without a library: a slider moves the threshold, and the page shows the effect.

Plotly, Bokeh and Vega would add one to five megabytes of script to every deck. This plot is SVG and a few lines of
script. Python computes the numbers for each position of the slider, so that tests can check them.
"""

import json
from html import escape
from string import Template
from typing import Any

import numpy as np
import pandas as pd

# The number of steps of the slider: thresholds from 0 to 1 in steps of a hundredth.
STEPS = 100

# The script finds its plot by position and defines no global name, so that one page can contain several plots.
PAGE = Template("""
<div class="threshold">
<style>
  .threshold { width: 640px; font: 14px/1.5 sans-serif }
  .threshold svg { display: block }
  .threshold circle { fill: #1f77b4; fill-opacity: .6 }
  .threshold circle.wrong { fill: none; stroke: #d62728; stroke-width: 1.5 }
  .threshold line { stroke: #444; stroke-width: 1.5 }
  .threshold input { width: 516px; margin: 0 0 0 52px }
  .threshold :is(th, td) { padding: 0 24px 0 0; text-align: right }
</style>
<svg width="640" height="180" role="img" aria-label="Each penguin, by its predicted probability of a male">
<text x="0" y="45">female</text><text x="0" y="135">male</text>
<line y1="0" y2="180" />
$dots
</svg>
<input type="range" min="0" max="$steps" value="50" aria-label="threshold">
<p>The model predicts male from a probability of <output></output>.</p>
<table>
<tr><th></th><th>predicted female</th><th>predicted male</th></tr>
<tr><th>true female</th><td></td><td></td></tr>
<tr><th>true male</th><td></td><td></td></tr>
<tr><th>accuracy</th><td></td><th></th></tr>
</table>
<p>Every dot is a penguin. The further to the right, the higher the predicted probability of a male. Rings are wrong
predictions. Point at a dot to see its penguin. Move the slider to exchange one kind of mistake for the other.</p>
</div>
<script>
(() => {
  const counts = $counts, plot = document.currentScript.previousElementSibling;
  const slider = plot.querySelector("input"), line = plot.querySelector("line");
  const show = () => {
    const step = Number(slider.value);
    for (const end of ["x1", "x2"]) line.setAttribute(end, 60 + 500 * step / $steps);
    plot.querySelector("output").value = (step / $steps).toFixed(2);
    plot.querySelectorAll("td").forEach((cell, number) => { cell.textContent = counts[step][number]; });
    for (const dot of plot.querySelectorAll("circle"))
      dot.classList.toggle("wrong", (dot.dataset.step >= step) !== (dot.dataset.is === "male"));
  };
  slider.addEventListener("input", show);
  show();
})();
</script>
""")


class ThresholdRenderer:
    """Shows the predicted probability for each penguin, and the right and wrong predictions at every threshold."""

    def to_html(self, predictions: pd.DataFrame) -> str:
        """Takes the columns `male` (true value), `probability` (of a male), `species`, and penguin numbers as index."""
        steps = np.floor(predictions["probability"] * STEPS).astype(int)
        # Spread the dots over the height of their row, so that fewer dots overlap.
        heights = np.random.default_rng(0).uniform(5, 75, len(predictions))
        dots = [
            dot(penguin, step, height)
            for penguin, step, height in zip(predictions.itertuples(), steps, heights, strict=True)
        ]
        counts = outcomes(predictions["male"].to_numpy(), steps.to_numpy())
        return PAGE.substitute(dots="\n".join(dots), steps=STEPS, counts=json.dumps(counts, separators=(",", ":")))


def dot(penguin: Any, step: int, height: float) -> str:
    """Returns one penguin as a circle with a tooltip."""
    sex = "male" if penguin.male else "female"
    words = escape(f"penguin {penguin.Index}, {penguin.species}, {sex}: {penguin.probability:.3f}")
    x, y = 60 + 500 * penguin.probability, height + (90 if penguin.male else 0)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" data-step="{step}" data-is="{sex}"><title>{words}</title></circle>'


def outcomes(male: np.ndarray, steps: np.ndarray) -> list[list[int | str]]:
    """Returns the table at each threshold: females predicted female and male, the same for males, the accuracy.

    Args:
        male: the true values, shape (penguins,).
        steps: the highest position of the slider at which the model predicts male, shape (penguins,).
    """
    found: list[list[int | str]] = []
    for step in range(STEPS + 1):
        taken = steps >= step
        counts = [int(np.sum((male == sex) & (taken == called))) for sex in (False, True) for called in (False, True)]
        found.append([*counts, f"{np.mean(male == taken):.3f}"])
    return found
