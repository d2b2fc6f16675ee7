"""An interactive plot without a library: a slider moves the threshold, and the page tells what that does.

Plotly, Bokeh and Vega would bring one to five megabytes of script into every deck. This plot is SVG and a few lines
of script. What it tells at each position of the slider is computed in Python, where it can be tested.
"""

import json
from html import escape
from string import Template
from typing import Any

import numpy as np
import pandas as pd

# Positions of the slider: thresholds from 0 to 1 in steps of a hundredth.
STEPS = 100

# The script finds its plot by where it stands and gives nothing a global name, so that one page may hold several.
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
<svg width="640" height="180" role="img" aria-label="Each penguin, by how sure the model is that it is a male">
<text x="0" y="45">female</text><text x="0" y="135">male</text>
<line y1="0" y2="180" />
$dots
</svg>
<input type="range" min="0" max="$steps" value="50" aria-label="threshold">
<p>A penguin is taken for a male from a probability of <output></output> on.</p>
<table>
<tr><th></th><th>taken for female</th><th>taken for male</th></tr>
<tr><th>female</th><td></td><td></td></tr>
<tr><th>male</th><td></td><td></td></tr>
<tr><th>accuracy</th><td></td><th></th></tr>
</table>
<p>Every dot is a penguin: the further to the right, the surer the model is that it is a male. Rings are mistakes.
Point at one to see which penguin it is; move the slider to trade one kind of mistake for the other.</p>
</div>
<script>
(() => {
  const told = $told, plot = document.currentScript.previousElementSibling;
  const slider = plot.querySelector("input"), line = plot.querySelector("line");
  const show = () => {
    const step = Number(slider.value);
    for (const end of ["x1", "x2"]) line.setAttribute(end, 60 + 500 * step / $steps);
    plot.querySelector("output").value = (step / $steps).toFixed(2);
    plot.querySelectorAll("td").forEach((cell, number) => { cell.textContent = told[step][number]; });
    for (const dot of plot.querySelectorAll("circle"))
      dot.classList.toggle("wrong", (dot.dataset.step >= step) !== (dot.dataset.is === "male"));
  };
  slider.addEventListener("input", show);
  show();
})();
</script>
""")


class ThresholdRenderer:
    """Shows what a model states for each penguin, and what comes of it at every threshold."""

    def to_html(self, predictions: pd.DataFrame) -> str:
        """Takes columns `male` (the truth), `probability` (of a male) and `species`; the index names the penguins."""
        steps = np.floor(predictions["probability"] * STEPS).astype(int)
        # Spread over the height of their row, since dots on top of one another cannot be told apart.
        heights = np.random.default_rng(0).uniform(5, 75, len(predictions))
        dots = [
            dot(penguin, step, height)
            for penguin, step, height in zip(predictions.itertuples(), steps, heights, strict=True)
        ]
        told = outcomes(predictions["male"].to_numpy(), steps.to_numpy())
        return PAGE.substitute(dots="\n".join(dots), steps=STEPS, told=json.dumps(told, separators=(",", ":")))


def dot(penguin: Any, step: int, height: float) -> str:
    """One penguin as a circle with a tooltip."""
    sex = "male" if penguin.male else "female"
    words = escape(f"penguin {penguin.Index}, {penguin.species}, {sex}: {penguin.probability:.3f}")
    x, y = 60 + 500 * penguin.probability, height + (90 if penguin.male else 0)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" data-step="{step}" data-is="{sex}"><title>{words}</title></circle>'


def outcomes(male: np.ndarray, steps: np.ndarray) -> list[list[int | str]]:
    """What the table shows at each threshold: females taken for female, for male, males likewise, the share right.

    Args:
        male: the truth, shape (penguins,).
        steps: the highest position of the slider at which the penguin is still taken for a male, shape (penguins,).
    """
    found: list[list[int | str]] = []
    for step in range(STEPS + 1):
        taken = steps >= step
        counts = [int(np.sum((male == sex) & (taken == called))) for sex in (False, True) for called in (False, True)]
        found.append([*counts, f"{np.mean(male == taken):.3f}"])
    return found
