"""Draws the table of a benchmark as curves: one line for each column, both axes logarithmic.

    .tools/uv/bin/uv run --no-project --with matplotlib==3.11.2 --with pandas==3.1.1 \\
      benchmarks/plot.py TABLE.csv OUT.svg --y "ms an item" [--title "What an item costs"]

The first column of the table contains the sizes. Each other column contains one method, named in the first row. Cells
may be empty. The picture is readable on a light and on a dark page. The same table gives the same bytes.
"""

import argparse
import itertools

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

GREY = "#808890"
STYLE = {
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "grid.alpha": 0.3,
    "grid.color": GREY,
    "svg.fonttype": "none",
    "svg.hashsalt": "benchmarks",
    "text.color": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
}


def draw(table: pd.DataFrame, y: str, title: str) -> plt.Figure:
    """The curves of a table, whose index holds the sizes."""
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for name, marker in zip(table, itertools.cycle("os^Dv"), strict=False):
        axes.loglog(table[name].dropna(), marker=marker, label=name)
    axes.set(xlabel=table.index.name, ylabel=y, title=title, xticks=table.index)
    axes.xaxis.set_major_formatter("{x:,.10g}")
    axes.yaxis.set_major_formatter("{x:,.10g}")
    axes.minorticks_off()
    axes.grid(visible=True)
    axes.legend(frameon=False)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", metavar="TABLE.csv")
    parser.add_argument("picture", metavar="OUT.svg")
    parser.add_argument("--y", required=True, help="what the figures are, with their unit")
    parser.add_argument("--title", default="")
    options = parser.parse_args()
    with mpl.rc_context(STYLE):
        figure = draw(pd.read_csv(options.table, index_col=0), options.y, options.title)
        figure.savefig(options.picture, transparent=True, metadata={"Date": None})


if __name__ == "__main__":
    main()
