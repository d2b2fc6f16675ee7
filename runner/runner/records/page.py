"""index.html of a run: the record as one file that a browser opens from disk, with links to the decks."""

from collections.abc import Callable
from html import escape
from pathlib import Path

from runner.records.data import shorter
from runner.records.errors import reason
from runner.records.picture.graph_svg import svg
from runner.records.picture.model import Model
from runner.records.picture.node_details import Nodes
from runner.records.picture.sizes import sizes
from runner.records.picture.style import class_of, framed, style
from runner.records.picture.timeline import timeline
from runner.records.picture.values import Images, origins, pairs
from runner.records.record import Record
from runner.records.text import moment_in_words, visible


def execution(record: Record) -> str:
    """Of a run on a cluster, the execution, with the way to Flyte's console."""
    if not record.execution:
        return ""
    name = escape(record.execution)
    is_page = record.console.startswith(("https://", "http://"))
    return "<br>On a cluster, as execution " + (f'<a href="{escape(record.console)}">{name}</a>' if is_page else name)


def resumed(words: str) -> str:
    """When a run was resumed, and by which command."""
    moment, _, command = words.partition(" ")
    return f"<br>Resumed {escape(moment_in_words(moment))} by <code>{escape(visible(command))}</code>"


def picture(draw: Callable[[], str], what: str) -> str:
    """A picture of a run; if it cannot be drawn, the reason: the rest of the page says the same in words."""
    try:
        return draw() or "<p>none</p>"
    except Exception as error:
        return f"<p>The {what} could not be drawn: {escape(visible(reason(error)))}</p>"


def graph(model: Model) -> str:
    """The graph, in a part of the page that scrolls on its own."""
    if not model.top:
        return ""
    label = f"graph of {model.record.lesson}"
    return f'<div class="wide" role="region" aria-label="{escape(label)}" tabindex="0">{svg(model, label)}</div>'


def render(record: Record, folder: Path) -> str:
    """The page of a run, which has this folder, as HTML text. Everything that the run supplied is escaped."""
    model = Model(record)
    names = {node.id: node.title for node in model.nodes.values()}
    outputs = {name: shorter(value, folder) for name, value in record.outputs.items()}
    texts = ("lesson", "run", "title", "status", "command", "entry_point")
    return framed(
        "page.html",
        style("colours.css", "graph.css", "page.css"),
        **{name: escape(visible(getattr(record, name))) for name in texts},
        colour=class_of(record.status),
        started=escape(moment_in_words(record.started)),
        seconds=f" after {record.seconds:.2f} s" if record.seconds is not None else "",
        served=escape(f"{record.served}." if record.served else ""),
        continued="".join(map(resumed, record.continued)),
        execution=execution(record),
        error=f'<pre class="bad">{escape(visible(record.error))}\n<a href="error.txt">all of it</a></pre>'
        if record.error
        else "",
        outputs=pairs(outputs, origins(record.sources, names)),
        inputs=pairs(record.inputs),
        graph=picture(lambda: graph(model), "graph"),
        timeline=picture(lambda: timeline(model), "timeline"),
        nodes=Nodes(model, Images(folder)).all(),
        sizes=sizes(record.tasks),
        provenance=pairs({name: "unknown" if fact is None else fact for name, fact in record.provenance.items()}),
    )
