"""How long each node waited after all that it needs was there, and what came last of that."""

from dataclasses import dataclass

from runner.records.picture.model import DYNAMIC, Model, Node, moment, spans

# Clocks of records count milliseconds.
TICK = 0.001


@dataclass(frozen=True)
class Wait:
    """From `start` until the first attempt began, after `last`: the title of a node, or words."""

    start: float
    last: str


def wait(model: Model, node: Node) -> Wait | None:
    """The time before the first attempt of a node; None if it has made none, or if the record does not say."""
    if not (own := spans(node)):
        return None
    begin = own[0][0]
    before = [(end, giver.title) for giver in givers(model, node) if (end := giver.end)]
    before += [
        (end, around.title) for around in node.ancestors[1:] if around.kind == DYNAMIC for _, end in spans(around)
    ]
    if (start := moment(model.record.started)) is not None:
        before.append((start, "the start of the run"))
    found = [(end, title) for end, title in before if end <= begin + TICK]
    return Wait(*max(found)) if found else None


def givers(model: Model, node: Node) -> list[Node]:
    """The nodes that a node, or one around it, needs."""
    named = (model.nodes.get(edge.node) for around in node.ancestors for edge in around.needs)
    return [giver for giver in named if giver is not None and giver not in node.ancestors]
