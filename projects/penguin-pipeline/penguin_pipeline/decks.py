"""HTML for the decks of the pipeline: a table of two columns, and a calibration curve."""

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

SIZE = 300  # pixels


def table(values: Mapping[str, Any]) -> str:
    """Returns a dictionary as a table. Values may come from anywhere, so they are escaped."""
    rows = (
        f"<tr><th align=left>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in values.items()
    )
    return f"<table>{''.join(rows)}</table>"


def calibration_curve(bins: pd.DataFrame) -> str:
    """Returns accuracy by confidence; on the diagonal, a model is as often right as it says."""
    places = [(SIZE * row.confidence, SIZE * (1 - row.accuracy), row) for row in bins.itertuples()]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)
    dots = "".join(
        f"<circle cx='{x:.1f}' cy='{y:.1f}' r='5'><title>{row.penguins} penguins: confidence {row.confidence:.3f}, "
        f"accuracy {row.accuracy:.3f}</title></circle>"
        for x, y, row in places
    )
    return (
        f"<svg viewBox='-10 -10 {SIZE + 20} {SIZE + 20}' width='{SIZE + 20}' role='img' "
        "aria-label='Accuracy by confidence'>"
        f"<path d='M0,0 V{SIZE} H{SIZE} M0,{SIZE} L{SIZE},0' fill='none' stroke='gray'/>"
        f"<polyline points='{points}' fill='none' stroke='black'/>{dots}</svg>"
        f"{bins.to_html(index=False, float_format='{:.3f}'.format)}"
    )
