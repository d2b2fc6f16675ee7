"""The nodes of a run, each of which opens: attempts, inputs, outputs, deck, log, error."""

from collections.abc import Mapping
from html import escape

from runner.records.attempts import place
from runner.records.picture.graph_svg import anchor
from runner.records.picture.groups import Group, grouped
from runner.records.picture.model import Model, Node
from runner.records.picture.style import class_of, seconds_in_words, status_in_words
from runner.records.picture.values import WITHIN, Images, listed, origins
from runner.records.record import TaskRun
from runner.records.text import WHOLE, bounded, visible

# A run of so few nodes is shown with all of them open.
FEW = 12


class Nodes:
    """Writes the nodes of a model as HTML."""

    def __init__(self, model: Model, images: Images):
        self.images = images
        self.names = {node.id: node.title for node in model.nodes.values()}
        self.all_open = len(model.nodes) <= FEW
        self.top = [node for node in model.top if node.kind not in ("inputs", "outputs")]

    def all(self) -> str:
        return "".join(map(self.group, grouped(self.top))) or "<p>none</p>"

    def group(self, group: Group) -> str:
        if group.is_one:
            return self.node(group.first)
        told = [status_in_words(group.status), *group.counts, seconds_in_words(group.seconds)]
        inner = "".join(map(self.node, group.nodes))
        return opening(anchor(group), group.title, group.status, told, inner, False)

    def node(self, node: Node) -> str:
        """A node and, inside it, those inside it."""
        tries = len(node.attempts)
        told = [
            status_in_words(node.status),
            seconds_in_words(node.seconds),
            f"{tries} attempts" if tries > 1 else "",
            *node.members,
        ]
        inner = f"<p>condition: {escape(visible(node.case))}</p>" if node.case else ""
        inner += "".join(self.attempt(node, task) for task in node.attempts)
        inner += "".join(map(self.group, grouped(node.children)))
        is_open = self.all_open or class_of(node.status) == "bad"
        return opening(f"task-{node.id}", node.title, node.status, told, inner or "<p>no attempt</p>", is_open)

    def attempt(self, node: Node, task: TaskRun) -> str:
        """One attempt of a node; of those before the last, what differs."""
        if task is not node.last:
            return f'<div class="attempt">{head(node, task)}{troubles(task)}</div>'
        given = listed(task.inputs, task.read, self.images, origins(task.sources, self.names))
        made = listed(task.outputs, task.written, self.images)
        rows = {
            "inputs": f"{given}{address(task, 'inputs')}",
            "outputs": f"{made}{address(task, 'outputs')}",
            "image": escape(" ".join(filter(None, (task.image, task.image_id[:19])))),
            "environment": escape(task.lock),
        }
        cells = "".join(f'<tr><th scope="row">{name}</th><td>{cell}</td></tr>' for name, cell in rows.items() if cell)
        table = f"<table>{cells}</table>" if cells else ""
        return f'<div class="attempt">{head(node, task)}{troubles(task)}{table}</div>'


def opening(place: str, name: str, status: str, told: list[str], inner: str, is_open: bool) -> str:
    """What opens; a link to its content opens it too."""
    words = escape(", ".join(word for word in told if word))
    head = f"<summary><strong>{escape(visible(name))}</strong> <span>{words}</span></summary>"
    return (
        f'<details class="{class_of(status)}"{" open" if is_open else ""}>{head}'
        f'<div class="inner" id="{escape(place)}">{inner}</div></details>'
    )


def head(node: Node, task: TaskRun) -> str:
    """How an attempt ended, with links to its deck and log."""
    status = escape(task.status)
    computed = f", computed in {task.computed_seconds:.3f} s" if task.computed_seconds is not None else ""
    by, there = escape(task.computed_by), f"#task-{escape(task.computed_as)}" if task.computed_as else ""
    computed += f' by <a href="../{by}/index.html{there}">{by}</a>' if by else ""
    tried = f", {escape(place(task, node.attempts))}" if len(node.attempts) > 1 else ""
    seconds = f", {task.seconds:.3f} s" if task.seconds is not None else ""
    began = f", from {escape(task.started[11:19])} UTC" if task.started else ""
    links = "".join(f' <a href="{escape(url)}">{word}</a>' for word, url in pages(task).items())
    return f'<p><span class="{class_of(task.status)}">{status}</span>{tried}{seconds}{began}{computed}{links}</p>'


def pages(task: TaskRun) -> Mapping[str, str]:
    """The deck and the log of an attempt, as far as a browser may open them."""
    remote = task.addresses.get("log", "")
    found = {"deck": task.deck or "", "log": task.log}
    found = {word: path for word, path in found.items() if WITHIN.fullmatch(path)}
    return found | ({"log": remote} if remote.startswith(("http://", "https://")) else {})


def troubles(task: TaskRun) -> str:
    """The error and the warnings of an attempt."""
    warned = "".join(f'<p class="run">warning: {escape(visible(words))}</p>' for words in task.warnings)
    words = bounded(visible(task.error or ""), WHOLE, "all of it: error.txt")
    return (f'<pre class="bad">{escape(words)}</pre>' if words else "") + warned


def address(task: TaskRun, name: str) -> str:
    """Where a cluster has the inputs or the outputs of an attempt; no link, since no browser opens it."""
    url = task.addresses.get(name)
    return f'<p class="from">at {escape(url)}</p>' if url else ""
