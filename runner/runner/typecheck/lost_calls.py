"""flytekit's own nodes of a workflow, which know what the graph does not: which call a promise came from."""

from collections.abc import Iterable, Iterator

from flytekit.core.condition import BranchNode
from flytekit.core.node import Node
from flytekit.models.literals import BindingData

from runner.records.record import short_name
from runner.typecheck.checker import Finding


def every_node(nodes: Iterable[Node], outer: str = "") -> Iterator[tuple[str, Node]]:
    """Each node by its id; those inside a branch by `branch/id`."""
    for node in nodes:
        yield outer + node.id, node
        if isinstance(node.flyte_entity, BranchNode):
            block = node.flyte_entity._ifelse_block
            inner = [block.case.then_node, *(other.then_node for other in block.other or []), block.else_node]
            yield from every_node((case for case in inner if case is not None), f"{outer}{node.id}/")


def lost_calls(nodes: Iterable[Node]) -> Iterator[tuple[Finding, Node]]:
    """Calls in a condition or among the arguments of a case.

    flytekit drops them: their outputs become those of other nodes, or of none. Each comes with the node that is lost.
    """
    kept = {id(node) for node in nodes}
    for path, node in every_node(nodes):
        in_condition = isinstance(node.flyte_entity, BranchNode)
        for binding in node.bindings:
            for source in sources(binding.binding):
                if source.id and id(source) not in kept:
                    name, lost = short_name(node.flyte_entity.name), short_name(source.flyte_entity.name)
                    where = "condition" if in_condition else f"input {binding.var}"
                    part = "condition" if in_condition else "case"
                    text = f"gets the output of {lost}, a call that is lost inside a {part}: call it before the branch"
                    variable = "" if in_condition else binding.var
                    yield Finding(f"{path} {name}, {where}: {text}", path, variable), source


def sources(data: BindingData) -> Iterator[Node]:
    """The nodes whose outputs a binding takes; the one with an empty id stands for the workflow's inputs."""
    if data.promise is not None:
        yield data.promise.node
    inner = [*(data.collection.bindings if data.collection else []), *(data.map.bindings.values() if data.map else [])]
    for item in inner:
        yield from sources(item)
