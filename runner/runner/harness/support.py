"""What the harness does not run, said before any work instead of run wrong."""

from runner.graph.compiled import Graph, nodes
from runner.harness.launchers import Launcher
from runner.harness.node_kinds import KINDS


def check(graph: Graph, launcher: Launcher) -> None:
    """Raises NotImplementedError if the graph has a task or a node that is not run here."""
    for name, task in graph.tasks.items():
        if not task.HasField("container"):
            raise NotImplementedError(f"task {name} is of type {task.type}; the harness runs tasks that are containers")
        if problem := launcher.problem(task):
            raise NotImplementedError(f"task {name} is {problem}")
    for workflow in (graph.workflow, *graph.workflows.values()):
        for node in nodes(workflow):
            if (kind := node.WhichOneof("target")) not in KINDS:
                raise NotImplementedError(
                    f"node {node.id} is a {kind.replace('_', ' ')}, which the harness does not run"
                )
