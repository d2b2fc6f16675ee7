"""The workflow that an entry point names, or why there is none."""

import difflib
import importlib
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from runner.errors import Stop, both_ends
from runner.terminal import importing
from runner.traces import kept

if TYPE_CHECKING:
    from flytekit.core.workflow import WorkflowBase

WORDS = 300  # characters of an error that are shown


def workflow(entry_point: str) -> "WorkflowBase":
    """The workflow that an entry point, module:name, stands for; the lesson's folder must be importable.

    Raises:
        Stop: the module cannot be imported, or has no workflow of this name.
    """
    module, _, name = entry_point.partition(":")
    found = imported(module, entry_point)
    names = ", ".join(workflows_of(found)) or "none"
    if not hasattr(found, name):
        near = difflib.get_close_matches(name, workflows_of(found), n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise Stop(f"entry_point {entry_point}: {module} has no {name!r}; {meant}its workflows are: {names}")
    entity = getattr(found, name)
    if not is_workflow(entity):
        raise Stop(f"entry_point {entry_point} is {kind_of(entity)}, not a workflow; {instead_of(entity, found)}")
    return entity


def imported(module: str, entry_point: str) -> ModuleType:
    """A module of a lesson; raises Stop with the line of the lesson at which it cannot be imported."""
    try:
        with importing():
            return importlib.import_module(module)
    except SyntaxError as error:
        where = f"{error.filename}:{error.lineno}" if error.filename else module
        raise Stop(f"entry_point {entry_point}: {where}: {error.msg}") from None
    except (Exception, SystemExit) as error:
        cause = cause_of(error)
        words = both_ends(f"{type(cause).__name__}: {cause}", WORDS)
        raise Stop(
            f"entry_point {entry_point}: {module} cannot be imported: {words}{place_of(error)}; "
            f"the traceback is in {kept(error)}"
        ) from None


def cause_of(error: BaseException) -> BaseException:
    """The error that the others were raised from: flytekit's own words about a cache policy do not name it."""
    return cause_of(error.__cause__) if error.__cause__ else error


def place_of(error: BaseException) -> str:
    """Where in a lesson an error was raised; empty if it was nowhere in one."""
    lesson = Path(sys.path[0])
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).is_relative_to(lesson):
            return f" ({Path(frame.filename).relative_to(lesson)}:{frame.lineno})"
    return ""


def is_workflow(entity: Any) -> bool:
    """Whether something is a workflow of nodes: a function or an imperative one, not a reference to a cluster's."""
    from flytekit.core.reference_entity import ReferenceEntity
    from flytekit.core.workflow import ImperativeWorkflow, PythonFunctionWorkflow

    return isinstance(entity, (ImperativeWorkflow, PythonFunctionWorkflow)) and not isinstance(entity, ReferenceEntity)


def workflows_of(module: ModuleType) -> list[str]:
    """The names of the workflows in a module."""
    return [name for name, value in vars(module).items() if is_workflow(value)]


def instead_of(entity: Any, module: ModuleType) -> str:
    """What can be run in the place of something in a module: of a launch plan its workflow, with the plan's inputs."""
    from flytekit import LaunchPlan

    if not isinstance(entity, LaunchPlan) or not is_workflow(entity.workflow):
        return f"the workflows are: {', '.join(workflows_of(module)) or 'none'}"
    inputs = ", ".join(f"{name}={value!r}" for name, value in entity.saved_inputs.items())
    return both_ends(f"run its workflow, {entity.workflow.short_name}{f', with {inputs}' if inputs else ''}", WORDS)


def kind_of(entity: Any) -> str:
    """What Flyte calls something."""
    from flytekit import LaunchPlan
    from flytekit.core.base_task import Task
    from flytekit.core.python_function_task import EagerAsyncPythonFunctionTask
    from flytekit.core.reference_entity import ReferenceEntity

    kinds = {
        ReferenceEntity: "a reference to what only a cluster has",
        EagerAsyncPythonFunctionTask: "an eager workflow",
        Task: "a task",
        LaunchPlan: "a launch plan",
    }
    return next((words for kind, words in kinds.items() if isinstance(entity, kind)), f"a {type(entity).__name__}")
