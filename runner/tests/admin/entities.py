"""Tasks, workflows and launch plans: created once, compared when they come again, listed in pages."""

import re
from collections.abc import Iterable
from typing import Any

from flyteidl.admin import launch_plan_pb2, project_pb2, task_pb2, workflow_pb2
from flyteidl.admin.common_pb2 import Sort
from flyteidl.core.identifier_pb2 import Identifier
from flyteidl.core.workflow_pb2 import WorkflowTemplate

from admin.refusals import exists, invalid, missing
from runner.cluster.compiled_nodes import member
from runner.graph.compiled import every_node

ACTIVE, INACTIVE = launch_plan_pb2.ACTIVE, launch_plan_pb2.INACTIVE
DOMAINS = ("development", "staging", "production")


def key(identifier: Any) -> tuple[str, str, str, str]:
    return (identifier.project, identifier.domain, identifier.name, identifier.version)


def page(items: list[Any], request: Any, largest: int) -> tuple[list[Any], str]:
    """One page of a list, and the token of the next: its offset, as Flyte gives it."""
    start = int(request.token or 0)
    size = min(request.limit or largest, largest)
    found = items[start : start + size]
    return found, str(start + len(found)) if len(found) == size else ""


def matches(item: dict[str, str], filters: str) -> bool:
    """Whether an item has the values in a filter such as `eq(launch_plan.name,x)+ne(state,y)`."""
    for operator, name, value in re.findall(r"(\w+)\(([\w.]+),([^)]*)\)", filters):
        if (item[name] == value) != (operator == "eq"):
            return False
    return True


def tasks_of(templates: Iterable[WorkflowTemplate]) -> list[Identifier]:
    """The tasks that the nodes of workflows run, those inside conditionals and map tasks among them."""
    nodes = [member(node) for template in templates for node in every_node(template)]
    return [node.task_node.reference_id for node in nodes if node.HasField("task_node")]


class Entities:
    """The half of the admin service that keeps what is registered.

    Attributes:
        tasks, workflows, launch_plans: requests to create them, by project, domain, name and version.
        states: of launch plans.
        projects: by name, with their domains.
        largest_page: how many items a page has at most.
    """

    def __init__(self):
        self.tasks: dict[tuple, task_pb2.TaskCreateRequest] = {}
        self.workflows: dict[tuple, workflow_pb2.WorkflowCreateRequest] = {}
        self.launch_plans: dict[tuple, launch_plan_pb2.LaunchPlanCreateRequest] = {}
        self.states: dict[tuple, int] = {}
        self.projects = {"flytesnacks": DOMAINS}
        self.largest_page = 100

    def need_domain(self, project: str, domain: str) -> None:
        if project not in self.projects:
            raise invalid(
                f"failed to validate that project [{project}] and domain [{domain}] are registered, "
                "err: [missing singular entity of type Project]"
            )
        if domain not in self.projects[project]:
            raise invalid(f"domain [{domain}] is unrecognized by system")

    def create(self, kind: str, kept: dict, request: Any) -> None:
        if before := kept.get(key(request.id)):
            raise exists(kind, request.id.name, before.spec, request.spec)
        kept[key(request.id)] = request

    def CreateTask(self, request, context):
        self.need_domain(request.id.project, request.id.domain)
        self.create("task", self.tasks, request)
        return task_pb2.TaskCreateResponse()

    def CreateWorkflow(self, request, context):
        self.need_domain(request.id.project, request.id.domain)
        templates = [request.spec.template, *request.spec.sub_workflows]
        for task in tasks_of(templates):
            if key(task) not in self.tasks:
                raise invalid(f"failed to compile workflow for [{request.id.name}] with err: {missing('TASK', task)}")
        self.create("workflow", self.workflows, request)
        return workflow_pb2.WorkflowCreateResponse()

    def CreateLaunchPlan(self, request, context):
        self.need_domain(request.id.project, request.id.domain)
        if key(request.spec.workflow_id) not in self.workflows:
            raise missing("WORKFLOW", request.spec.workflow_id)
        self.create("launch plan", self.launch_plans, request)
        self.states[key(request.id)] = INACTIVE
        return launch_plan_pb2.LaunchPlanCreateResponse()

    def UpdateLaunchPlan(self, request, context):
        one = key(request.id)
        if one not in self.launch_plans:
            raise missing("LAUNCH_PLAN", request.id)
        for other in self.launch_plans:
            if request.state == ACTIVE and other[:3] == one[:3]:
                self.states[other] = INACTIVE
        self.states[one] = request.state
        return launch_plan_pb2.LaunchPlanUpdateResponse()

    def GetTask(self, request, context):
        if not (found := self.tasks.get(key(request.id))):
            raise missing("TASK", request.id)
        task = task_pb2.Task(id=request.id)
        task.closure.compiled_task.template.CopyFrom(found.spec.template)
        return task

    def GetWorkflow(self, request, context):
        if not (found := self.workflows.get(key(request.id))):
            raise missing("WORKFLOW", request.id)
        workflow = workflow_pb2.Workflow(id=request.id)
        closure = workflow.closure.compiled_workflow
        closure.primary.template.CopyFrom(found.spec.template)
        for template in found.spec.sub_workflows:
            closure.sub_workflows.add().template.CopyFrom(template)
        templates = [found.spec.template, *found.spec.sub_workflows]
        for task in set(map(key, tasks_of(templates))):
            closure.tasks.add().template.CopyFrom(self.tasks[task].spec.template)
        return workflow

    def launch_plan(self, one: tuple) -> launch_plan_pb2.LaunchPlan:
        request = self.launch_plans[one]
        plan = launch_plan_pb2.LaunchPlan(id=request.id, spec=request.spec)
        plan.closure.state = self.states[one]
        plan.closure.expected_inputs.CopyFrom(request.spec.default_inputs)
        return plan

    def GetLaunchPlan(self, request, context):
        if key(request.id) not in self.launch_plans:
            raise missing("LAUNCH_PLAN", request.id)
        return self.launch_plan(key(request.id))

    def ListLaunchPlans(self, request, context):
        asked = (request.id.project, request.id.domain)
        found = [
            self.launch_plan(one)
            for one in self.launch_plans
            if one[:2] == asked and request.id.name in ("", one[2]) and matches({"version": one[3]}, request.filters)
        ]
        if request.HasField("sort_by") and request.sort_by.direction == Sort.DESCENDING:
            found.reverse()  # they stand in the order in which they were created
        plans, token = page(found, request, self.largest_page)
        return launch_plan_pb2.LaunchPlanList(launch_plans=plans, token=token)

    def ListActiveLaunchPlans(self, request, context):
        active = [one for one, state in self.states.items() if state == ACTIVE]
        found = [self.launch_plan(one) for one in active if one[:2] == (request.project, request.domain)]
        plans, token = page(found, request, self.largest_page)
        return launch_plan_pb2.LaunchPlanList(launch_plans=plans, token=token)

    def ListProjects(self, request, context):
        found = [
            project_pb2.Project(id=name, name=name, domains=[project_pb2.Domain(id=domain) for domain in domains])
            for name, domains in self.projects.items()
        ]
        projects, token = page(found, request, self.largest_page)
        return project_pb2.Projects(projects=projects, token=token)
