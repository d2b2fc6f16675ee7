"""Measures what decks cost: each standard renderer alone, and a task with a deck against the same task without one.

    make benchmark PROJECT=flyte-decks ARGS='--rounds 5'
    profile="find('flyte-decks').environment_of('requirements-profile.txt').python"
    $(.tools/venv/bin/python -c "from tools.lessons.catalog import find; print($profile)") -m benchmarks.deck_costs

The last command measures the renderer that needs its own environment. Each renderer runs in a fresh process. The first
call loads the renderer's libraries, as in a task. The second call shows the cost without this. The data are the 344
penguins; --rows repeats them. The task returns the penguins. The local executor calls it in turns with a task that has
no deck. To measure the dependencies too, put pip on PYTHONPATH: a folder made by `uv pip install --target FOLDER pip`.
Prints medians. For a task, the median is over four times the rounds.
"""

import argparse
import statistics
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
from flytekit import FlyteContext, FlyteContextManager, task
from flytekit.core.data_persistence import FileAccessProvider
from flytekit.deck import DeckField
from workshop import penguins

from benchmarks.renderer_costs import print_cost, print_header

# Each renderer as Python code, and the package that it needs.
RENDERERS = {
    "TopFrameRenderer": ("flytekit.deck.TopFrameRenderer().to_html(data)", "pandas"),
    "MarkdownRenderer": ("flytekit.deck.MarkdownRenderer().to_html('# Penguins')", "markdown_it"),
    "SourceCodeRenderer": ("flytekit.deck.SourceCodeRenderer().to_html(source)", "pygments"),
    "PythonDependencyRenderer": ("flytekit.deck.renderer.PythonDependencyRenderer().to_html()", "pip"),
    "TableRenderer": ("flytekitplugins.deck.TableRenderer().to_html(data)", "pandas"),
    "ImageRenderer": ("flytekitplugins.deck.ImageRenderer().to_html(picture())", "matplotlib"),
    "BoxRenderer": ("flytekitplugins.deck.BoxRenderer('body_mass_g').to_html(data)", "plotly"),
    "GanttChartRenderer": ("flytekitplugins.deck.GanttChartRenderer().to_html(times)", "plotly"),
    "FrameProfilingRenderer": ("flytekitplugins.deck.FrameProfilingRenderer().to_html(data)", "ydata_profiling"),
}
PREPARATION = """
import pathlib, sys
import flytekit.deck.renderer, flytekitplugins.deck, pandas as pd
from workshop import penguins
def picture():
    import io, PIL.Image
    from matplotlib.figure import Figure
    figure, file = Figure(figsize=(7, 4)), io.BytesIO()
    figure.subplots().boxplot(data["body_mass_g"].dropna())
    figure.savefig(file)
    return PIL.Image.open(file)
data = pd.concat([penguins.load()] * -(-int(sys.argv[2]) // 344)).head(int(sys.argv[2]))
source = pathlib.Path(penguins.__file__).read_text()
now = pd.Timestamp.now()
times = pd.DataFrame({"Start": [now], "Finish": [now + pd.Timedelta("1s")], "Name": ["step"]})
"""
WITHOUT = "no deck"
BY_FLYTE = (DeckField.SOURCE_CODE, DeckField.TIMELINE, DeckField.INPUT, DeckField.OUTPUT)
DECKS = {
    WITHOUT: {},
    "deck_fields=()": {"enable_deck": True, "deck_fields": ()},
    "all but the dependencies": {"enable_deck": True, "deck_fields": BY_FLYTE},
    **({"all five": {"enable_deck": True}} if find_spec("pip") else {}),
}


def load() -> pd.DataFrame:
    return penguins.load()


def own_context(folder: Path) -> FlyteContext.Builder:
    """The current context with a folder of its own, and without the decks of other calls."""
    context = FlyteContextManager.current_context()
    parameters = context.user_space_params.builder()
    parameters.decks = []
    state = context.execution_state.with_params(user_space_params=parameters.build())
    files = FileAccessProvider(local_sandbox_dir=folder, raw_output_prefix=str(folder / "data"))
    return context.with_file_access(files).with_execution_state(state)


def task_costs(rounds: int) -> dict[str, tuple[float, int]]:
    """The median seconds of a call, and the bytes of its deck. The first call of each task does not count."""
    tasks = {name: task(load, **options) for name, options in DECKS.items()}
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    size = dict.fromkeys(tasks, 0)
    for number in range(rounds + 1):
        for name, one in tasks.items():
            with tempfile.TemporaryDirectory() as folder:
                with FlyteContextManager.with_context(own_context(Path(folder))):
                    start = time.perf_counter()
                    one()
                    if number:
                        seconds[name].append(time.perf_counter() - start)
                size[name] = sum(deck.stat().st_size for deck in Path(folder).rglob("deck.html"))
    return {name: (statistics.median(seconds[name]), size[name]) for name in tasks}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=344)
    options = parser.parse_args()
    print_header()
    for name, (call, package) in RENDERERS.items():
        if find_spec(package):
            print_cost(name, PREPARATION, call, options.rounds, str(options.rows))
        else:
            print(f"{name:<26}  {package} is not installed here")
    costs = task_costs(4 * options.rounds)
    print(f"\n{'task':<26}{'a call, s':>15}{'ratio':>12}{'bytes':>12}")
    for name, (seconds, size) in costs.items():
        print(f"{name:<26}{seconds:>15.4f}{seconds / costs[WITHOUT][0]:>12.1f}{size:>12,}")


if __name__ == "__main__":
    main()
