"""`make typecheck`: every workflow and launch plan that a lesson's package defines, checked, a line for a finding."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flyteidl.admin.launch_plan_pb2 import LaunchPlan as LaunchPlanMessage
from flytekit.core.context_manager import FlyteContextManager
from flytekit.core.launch_plan import LaunchPlan
from flytekit.core.python_function_task import EagerAsyncPythonFunctionTask
from flytekit.core.workflow import PythonFunctionWorkflow, WorkflowBase
from flytekit.tools.translator import get_serializable

from runner.graph.compiled import compiled, local_settings
from runner.lesson import Lesson
from runner.records.errors import reason
from runner.records.record import short_name
from runner.typecheck import lines
from runner.typecheck.checker import Finding, check_launch_plan, check_workflow
from runner.typecheck.lines import Line
from runner.typecheck.lost_calls import every_node, lost_calls
from runner.typecheck.package import Package

# A line of source, and what is to say of it.
Found = tuple[Line, str]


def main(lesson: Lesson, _out: Path, _facts: Any, name: str = "") -> int:
    """Checks the lesson's package, or another package in its folder; returns 1 if there is a finding."""
    package = Package.of(lesson, name)
    lines.note_lines(package.owns)
    # A graph is not made without images, though they do not matter to the types.
    images = dict.fromkeys(lesson.images, "none:none")
    found, unchecked = list(package.import_all()), []
    entities = package.entities()
    workflows = [entity for entity in entities if isinstance(entity, WorkflowBase)]
    plans = [entity for entity in entities if isinstance(entity, LaunchPlan)]
    for workflow in workflows:
        found += checked(workflow, images, package, unchecked)
    for plan in plans:
        found += checked_plan(plan, images)
    for entity in entities:
        if isinstance(entity, EagerAsyncPythonFunctionTask):
            text = f"{short_name(entity.name)}: not checked: an eager workflow makes its calls when it runs"
            unchecked.append((lines.of_function(entity.task_function), text))
    found = in_order(found)
    for line, text in (*found, *in_order(unchecked)):
        print(f"{line}: {text}")
    what = counted(len(workflows), "workflow") + (f" and {counted(len(plans), 'launch plan')}" if plans else "")
    print(f"{lesson.name}: {what} checked, {counted(len(found), 'finding') if found else 'all types fit'}")
    return int(bool(found))


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def in_order(found: list[Found]) -> list[Found]:
    return sorted(dict.fromkeys(found), key=lambda item: (item[0].file, item[0].number))


def checked(
    workflow: WorkflowBase, images: Mapping[str, str], package: Package, unchecked: list[Found]
) -> Iterator[Found]:
    """A workflow's findings, and those of its inputs' defaults; adds to `unchecked` what only a cluster knows."""
    try:
        graph = compiled(workflow, images)
        default = LaunchPlan.get_default_launch_plan(FlyteContextManager.current_context(), workflow)
        plan = serialised(default, images)  # its inputs have the workflow's defaults
    except Exception as error:
        yield (
            package.line_of(error) or start_of(workflow),
            f"{workflow.short_name}: flytekit refuses it: {reason(error)}",
        )
        return
    nodes = list(every_node([*workflow.nodes, *filter(None, [workflow.failure_node])]))
    made = {path: line for path, node in nodes if (line := lines.made_at(node))}
    lost = list(lost_calls(workflow.nodes))
    misled = {(finding.node, finding.variable) for finding, _ in lost}
    others = [finding for finding in check_workflow(graph) if (finding.node, finding.variable) not in misled]
    for finding, call in lost:
        yield lines.made_at(call) or start_of(workflow), f"{workflow.short_name}: {finding.text}"
    for finding in others:
        yield place(finding, workflow, made), f"{workflow.short_name}: {finding.text}"
    for finding in check_launch_plan(plan, graph.workflow):
        yield start_of(workflow), f"{workflow.short_name}: {finding.text}"
    for path, node in nodes:
        if (name := getattr(node.flyte_entity, "name", "")) in graph.references:
            # Its types are those that the code declares.
            text = f"{path} {short_name(name)}: only a cluster knows whether it is there and has these types"
            unchecked.append((made.get(path) or start_of(workflow), f"{workflow.short_name}: {text}"))


def serialised(plan: LaunchPlan, images: Mapping[str, str]) -> LaunchPlanMessage:
    return get_serializable(OrderedDict(), local_settings(images), plan).to_flyte_idl()


def checked_plan(plan: LaunchPlan, images: Mapping[str, str]) -> Iterator[Found]:
    """The findings of a launch plan."""
    try:
        message, template = serialised(plan, images), compiled(plan.workflow, images).workflow
    except Exception:
        return  # reported with the workflow
    for finding in check_launch_plan(message, template):
        yield lines.made_at(plan) or start_of(plan.workflow), f"launch plan {plan.name}: {finding.text}"


def start_of(workflow: WorkflowBase) -> Line:
    """Where a workflow begins."""
    if isinstance(workflow, PythonFunctionWorkflow):
        return lines.of_function(workflow.function)
    return lines.made_at(workflow) or Line(workflow.name, 0)


def place(finding: Finding, workflow: WorkflowBase, made: Mapping[str, Line]) -> Line:
    """The line of source to which a finding belongs: of the argument or condition, the result, or the workflow."""
    if finding.node in made:
        line = made[finding.node]
        return lines.of_argument(line, finding.variable) if finding.case is None else lines.of_case(line, finding.case)
    if isinstance(workflow, PythonFunctionWorkflow) and finding.variable:
        return lines.of_argument(lines.of_result(workflow.function), finding.variable)
    return start_of(workflow)
