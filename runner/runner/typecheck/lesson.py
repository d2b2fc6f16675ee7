"""Every workflow and launch plan that a lesson's package defines, checked."""

import importlib
import pkgutil
import traceback
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from flyteidl.admin.launch_plan_pb2 import LaunchPlan as LaunchPlanMessage
from flytekit.core.context_manager import FlyteContextManager, FlyteEntities
from flytekit.core.launch_plan import LaunchPlan
from flytekit.core.workflow import PythonFunctionWorkflow, WorkflowBase
from flytekit.tools.translator import get_serializable

from runner.graph.compiled import compiled, settings
from runner.records.errors import reason
from runner.typecheck import lines
from runner.typecheck.checker import Finding, check_launch_plan, check_workflow
from runner.typecheck.lines import Line
from runner.typecheck.lost_calls import every_node, lost_calls


@dataclass(frozen=True)
class Report:
    """What was checked, and what was found: a line of source, and what is wrong there."""

    workflows: int
    launch_plans: int
    found: list[tuple[Line, str]]

    def summary(self) -> str:
        """One line: how much was checked, and with what result."""
        what = [counted(self.workflows, "workflow")]
        if self.launch_plans:
            what.append(counted(self.launch_plans, "launch plan"))
        outcome = counted(len(self.found), "finding") if self.found else "all types fit"
        return f"{' and '.join(what)} checked, {outcome}"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def check_package(package: str, images: Iterable[str]) -> Report:
    """Imports a package with all its modules, and checks every workflow and launch plan that they define.

    Call `lines.note_lines` before anything has imported the package. `images` are the names that its tasks use.
    """
    # A graph is not made without images, though they do not matter to the types.
    references = dict.fromkeys(images, "none:none")
    found = list(import_all(package))
    entities = [entity for entity in FlyteEntities.entities if name_of(entity).startswith(f"{package}.")]
    workflows = [entity for entity in entities if isinstance(entity, WorkflowBase)]
    plans = [entity for entity in entities if isinstance(entity, LaunchPlan)]
    for workflow in workflows:
        found += checked(workflow, references)
    for plan in plans:
        found += checked_plan(plan, references)
    return Report(len(workflows), len(plans), sorted(found, key=lambda item: (item[0].file, item[0].number)))


def name_of(entity: object) -> str:
    """A name that begins with the module; a launch plan's own may be anything."""
    return entity.workflow.name if isinstance(entity, LaunchPlan) else getattr(entity, "name", "")


def import_all(package: str) -> Iterator[tuple[Line, str]]:
    """Imports the modules of a package; yields the errors of those that cannot be."""
    folder = Path(importlib.import_module(package).__file__).parent
    for module in pkgutil.walk_packages([str(folder)], f"{package}."):
        try:
            importlib.import_module(module.name)
        except Exception as error:
            yield line_of(error) or Line(module.name, 0), f"cannot be imported: {reason(error)}"


def line_of(error: Exception) -> Line | None:
    """The innermost line on the way to an error that is neither flytekit's nor another package's."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [Line(frame.filename, frame.lineno) for frame in frames if not lines.is_machinery(frame.filename)]
    return own[-1] if own else None


def checked(workflow: WorkflowBase, images: Mapping[str, str]) -> Iterator[tuple[Line, str]]:
    """A workflow's findings, and those of its inputs' defaults."""
    try:
        graph = compiled(workflow, images)
        plan = default_plan(workflow, images)
    except Exception as error:
        yield line_of(error) or start_of(workflow), f"{workflow.short_name}: flytekit refuses it: {reason(error)}"
        return
    made = {path: line for path, node in every_node(workflow.nodes) if (line := lines.made_at(node))}
    lost = list(lost_calls(workflow.nodes))
    misled = {(finding.node, finding.variable) for finding in lost}
    others = [finding for finding in check_workflow(graph) if (finding.node, finding.variable) not in misled]
    for finding in (*lost, *others):
        yield place(finding, workflow, made), f"{workflow.short_name}: {finding.text}"
    for finding in check_launch_plan(plan, graph.workflow):
        yield start_of(workflow), f"{workflow.short_name}: {finding.text}"


def default_plan(workflow: WorkflowBase, images: Mapping[str, str]) -> LaunchPlanMessage:
    """The launch plan that every workflow has: its inputs with their defaults."""
    return serialised(LaunchPlan.get_default_launch_plan(FlyteContextManager.current_context(), workflow), images)


def serialised(plan: LaunchPlan, images: Mapping[str, str]) -> LaunchPlanMessage:
    return get_serializable(OrderedDict(), settings(images), plan).to_flyte_idl()


def checked_plan(plan: LaunchPlan, images: Mapping[str, str]) -> Iterator[tuple[Line, str]]:
    """The findings of a launch plan."""
    made = lines.made_at(plan) or start_of(plan.workflow)
    try:
        message, template = serialised(plan, images), compiled(plan.workflow, images).workflow
    except Exception:
        return  # told with the workflow
    for finding in check_launch_plan(message, template):
        yield made, f"launch plan {plan.name}: {finding.text}"


def start_of(workflow: WorkflowBase) -> Line:
    """Where a workflow begins; for one that is put together by calls, the line of its first."""
    if isinstance(workflow, PythonFunctionWorkflow):
        return lines.of_function(workflow.function)
    made = [lines.made_at(node) for node in workflow.nodes]
    return made[0] if made and made[0] else Line(workflow.name, 0)


def place(finding: Finding, workflow: WorkflowBase, made: Mapping[str, Line]) -> Line:
    """The line of source to which a finding belongs: of the argument or condition, the result, or the workflow."""
    if finding.node in made:
        line = made[finding.node]
        return lines.of_argument(line, finding.variable) if finding.case is None else lines.of_case(line, finding.case)
    if isinstance(workflow, PythonFunctionWorkflow) and not finding.node:
        return lines.of_argument(lines.of_result(workflow.function), finding.variable)
    return start_of(workflow)
