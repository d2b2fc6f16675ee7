"""What a record says of the compiled graph: its nodes, and what leads from one to another."""

from dataclasses import dataclass, field

TASK, MAP, WORKFLOW, PLAN, BRANCH, OTHER = "task", "map task", "workflow", "launch plan", "branch", "node"
# The ends of a graph: what gives the inputs of the run, and what takes its outputs.
INPUTS, OUTPUTS = "inputs", "outputs"


@dataclass(frozen=True)
class Edge:
    """What leads to a node from another node.

    Attributes:
        node: the id of the node that it comes from; INPUTS for the inputs of the run.
        name: the input that it leads to; empty if it only says which node comes first.
        type: of the value, in words.
    """

    node: str
    name: str = ""
    type: str = ""


@dataclass(frozen=True)
class NodeFact:
    """A node of the compiled graph.

    Attributes:
        id: the same as that of its task runs.
        kind: one of the above.
        name: of its task or workflow, without the module.
        parent: the id of the node that it is inside of; empty at the top.
        case: the condition under which it runs, if there is one: `if x > 1`, `else`, `on failure`.
        needs: what leads to it.
    """

    id: str
    kind: str
    name: str
    parent: str = ""
    case: str = ""
    needs: list[Edge] = field(default_factory=list)
