"""Runs a workflow by walking its compiled graph: inputs in, outputs out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flyteidl.core.literals_pb2 import Literal as LiteralMessage
from flyteidl.core.literals_pb2 import LiteralMap
from flytekit import FlyteContext, FlyteContextManager
from flytekit.core.data_persistence import FileAccessProvider
from flytekit.core.type_engine import TypeEngine
from flytekit.core.workflow import WorkflowBase
from flytekit.models.literals import Literal
from flytekit.models.literals import LiteralMap as LiteralMapModel
from flytekit.utils.asyn import loop_manager

from runner.errors import Failure, Stop
from runner.graph.compiled import compiled
from runner.graph.words import words
from runner.harness.attempts import keep_inputs
from runner.harness.cache import Cache
from runner.harness.calls import Attempt, read_message
from runner.harness.launchers import Launcher
from runner.harness.node_kinds import KINDS
from runner.harness.support import check, check_calls
from runner.harness.walker import Walker
from runner.records.errors import reason, spared
from runner.records.folder_lock import hold
from runner.records.literals import value_of
from runner.typecheck.casts import castable
from runner.typecheck.literals import type_of


@dataclass
class Execution:
    """What came of a walk: outputs as Python values and as literals, and the attempts that were made in this walk."""

    outputs: dict[str, Any] = field(default_factory=dict)
    literals: dict[str, Literal] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)


def execute(
    workflow: WorkflowBase,
    inputs: Mapping[str, Any] | None,
    folder: Path,
    launcher: Launcher,
    images: Mapping[str, str],
    report: Callable[[Attempt], None] = lambda attempt: None,
    cache: Cache | None = None,
) -> Execution:
    """Runs a workflow by Flyte's own task entry point.

    Args:
        workflow: the workflow, as its module defines it.
        inputs: Python values by name; inputs with a default may be left out. None: those of the earlier
            walk in this folder.
        folder: where inputs, attempts and outputs are kept. With a folder of an earlier walk that was
            cut off, tasks that had succeeded are not run again.
        launcher: starts the tasks: `ForkLauncher`, `ProcessLauncher` or `ContainerLauncher`.
        images: the images by name, among them "default".
        report: called after every attempt.
        cache: where results of cached tasks are found and kept; None: every task is computed.

    Raises:
        TaskFailed: a task failed for good.
        Unsupported: the workflow has a node or a task that the harness does not run.
        Stop: the folder is from a run with other inputs.
        InUse: another process walks in this folder, and would take the attempts of this walk for leftovers.
    """
    root = folder.resolve()
    root.mkdir(parents=True, exist_ok=True)
    graph = compiled(workflow, images)
    check_calls(workflow)
    check(graph, launcher)
    execution = Execution()

    def noted(attempt: Attempt) -> None:
        execution.attempts.append(attempt)
        report(attempt)

    with hold(root):
        file = root / "inputs.pb"
        inputs_message = kept_inputs(file) if inputs is None else literals_of(workflow, inputs, root)
        keep_inputs(file, inputs_message)
        outputs = Walker(graph, root, launcher, noted, KINDS, cache).workflow(
            graph.workflow, inputs_message, root, lambda: False
        )
    execution.literals = LiteralMapModel.from_flyte_idl(outputs).literals
    for name, kind in workflow.python_interface.outputs.items():
        execution.outputs[name] = python_value(name, execution.literals[name], kind)
    return execution


def kept_inputs(file: Path) -> LiteralMap:
    """The inputs that an earlier walk kept; raises Stop if they are damaged."""
    inputs = read_message(LiteralMap, file)
    if inputs is None:
        raise Stop(f"{file} is damaged, so this run cannot go on; start a new one: NEW=1 make run")
    return inputs


def python_value(name: str, literal: Literal, kind: type) -> Any:
    """An output as a Python value; if this process cannot read it, what a record shows of it.

    Raises:
        Failure: it is of another type than the workflow says.
    """
    try:
        context = FlyteContextManager.current_context()
        return TypeEngine.literal_map_to_kwargs(context, LiteralMapModel({name: literal}), {name: kind})[name]
    except Exception:
        given, wanted = type_of(literal.to_flyte_idl()), TypeEngine.to_literal_type(kind).to_flyte_idl()
        if not castable(given, wanted):
            raise Failure(f"output {name} of the workflow: gets {words(given)}, wants {words(wanted)}") from None
        with spared(f"output {name} as a value"):
            raise
    return value_of(literal)


def literals_of(workflow: WorkflowBase, inputs: Mapping[str, Any], root: Path) -> LiteralMap:
    """The inputs as Flyte's literals; data frames and files among them are kept in the run's folder."""
    interface = workflow.python_interface
    # flytekit's default_inputs_as_kwargs leaves out the defaults that are None.
    given = {name: default for name, (_, default) in interface.inputs_with_defaults.items()} | dict(inputs)
    files = FileAccessProvider(local_sandbox_dir=root / "inputs", raw_output_prefix=str(root / "inputs" / "data"))
    context = FlyteContextManager.current_context()
    with FlyteContextManager.with_context(context.with_file_access(files)) as own:
        return LiteralMap(
            literals={name: literal_of(own, name, value, interface.inputs[name]) for name, value in given.items()}
        )


def literal_of(context: FlyteContext, name: str, value: Any, kind: type) -> LiteralMessage:
    """An input as a literal; raises Stop if flytekit does not convert it, null in a dictionary of Any for example."""
    try:
        # Not TypeEngine.to_literal: for an equal value, it gives the literal of before, whose data lies in another run.
        convert = loop_manager.synced(TypeEngine.async_to_literal)
        return convert(context, value, kind, TypeEngine.to_literal_type(kind)).to_flyte_idl()
    except Exception as error:
        raise Stop(f"input {name}: flytekit cannot convert its value: {reason(error)}") from None
