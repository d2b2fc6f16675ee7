"""Measures the renderers of the lesson custom-decks, and interactive plots by libraries: seconds and bytes.

    make benchmark PROJECT=custom-decks ARGS='FOLDER …'

Each FOLDER has a library, made by `uv pip install --target FOLDER plotly`, or `bokeh`, or `altair vl-convert-python`.
Its size does not count the packages that the lesson's environment has too. Each renderer runs in a fresh process: the
first call loads its libraries. Prints the medians of three processes.
"""

import subprocess
import sys
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

from benchmarks.renderer_costs import print_cost, print_header

LESSON = Path(__file__).parents[1] / "projects" / "custom-decks"
RENDERERS = {
    "the pipeline": "EstimatorRenderer().to_html(model)",
    "the slider": "ThresholdRenderer().to_html(predictions)",
    "a plot": "CalibrationRenderer().to_html({'one': predictions})",
    "the card": "CardRenderer().to_html(card)",
}
PREPARATION = f"""
import sys
sys.path[0] = {str(LESSON)!r}
from custom_decks.workflow import *
data = get_data.task_function()
model = train.task_function(data=data, classifier=LOGISTIC)
predictions, scores = judge.task_function(model=model, data=data, seed=1, folds=5)
card = write_card.task_function(model=model, data=data, scores=scores, seed=1, folds=5)
"""
LIBRARIES = {
    "plotly": """
import plotly.express
html = plotly.express.scatter(x=x, y=y).to_html(full_html=False, include_plotlyjs=True)
""",
    "bokeh": """
from bokeh.embed import file_html
from bokeh.plotting import figure
from bokeh.resources import INLINE
plot = figure()
plot.scatter(x, y)
html = file_html(plot, INLINE)
""",
    "altair": """
import altair, pandas
html = altair.Chart(pandas.DataFrame({"x": x, "y": y})).mark_point().encode(x="x", y="y").to_html(inline=True)
""",
}
POINTS = "x, y = list(range(333)), [number % 7 for number in range(333)]"


def library(folder: Path) -> tuple[str, int, int]:
    """The name of the library in a folder, the bytes of a page with its plot, and of what it adds to the lesson's."""
    (name,) = (name for name in LIBRARIES if (folder / name).is_dir())
    code = f"import sys; sys.path.append(sys.argv[1]); {POINTS}\n{LIBRARIES[name]}\nprint(len(html.encode()))"
    page = subprocess.run([sys.executable, "-c", code, folder], stdout=subprocess.PIPE, check=True).stdout
    known = {one.name.lower() for one in distributions()}
    added = [one for one in distributions(path=[str(folder)]) if one.name.lower() not in known]
    files = {Path(file.locate()) for one in added for file in one.files or ()}
    return name, int(page), sum(file.stat().st_size for file in files if file.is_file())


def main() -> None:
    if not find_spec("matplotlib"):
        sys.exit(__doc__)
    print_header()
    for name, call in RENDERERS.items():
        print_cost(name, PREPARATION, call, 3)
    for folder in map(Path, sys.argv[1:]):
        name, page, installed = library(folder)
        print(f"{name:<26}{'page, MB':>15}{page / 1e6:>12.2f}   installed, MB {installed / 1e6:>6.0f}", flush=True)


if __name__ == "__main__":
    main()
