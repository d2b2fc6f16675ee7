"""What of a package is registered: also a workflow whose name is free, and no reference."""

import sys

import pytest
from flytekit.models.admin.workflow import WorkflowSpec

from runner.cluster.entities import Entity, entities_of, identifier
from runner.graph.compiled import settings
from runner.typecheck.package import Package

SOURCE = """
from flytekit import Workflow, reference_launch_plan, reference_task, task, workflow

@task
def double(number: int) -> int:
    return 2 * number

@reference_task(project="p", domain="development", name="elsewhere.task", version="1")
def there(number: int) -> int: ...

@reference_launch_plan(project="p", domain="development", name="elsewhere.plan", version="1")
def plan(number: int) -> int:
    return 0

@workflow
def calls() -> int:
    return plan(number=there(number=1))

wf = Workflow(name="doubling")
wf.add_workflow_input("number", int)
wf.add_workflow_output("result", wf.add_entity(double, number=wf.inputs["number"]).outputs["o0"])
"""

# flytekit takes the nodes that a case needs from a set, whose order is another one in every process.
BRANCHES = """
from flytekit import conditional, task, workflow

@task
def one() -> int:
    return 1

@task
def sum_of(numbers: list[int]) -> int:
    return sum(numbers)

@workflow
def branches() -> int:
    ones = [one() for _ in range(9)]
    case = conditional("many").if_(ones[0] == 1).then(sum_of(numbers=ones))
    return case.elif_(ones[1] == 1).then(sum_of(numbers=ones[1:])).else_().then(sum_of(numbers=ones[2:]))
"""


@pytest.fixture
def registered(tmp_path, monkeypatch):
    """What is registered of a package with one module."""

    def registered(name: str, source: str) -> list[Entity]:
        package = Package(name, tmp_path / name)
        package.folder.mkdir()
        (package.folder / "workflow.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path)
        return entities_of(package, settings({"default": "localhost:30000/example:1"}))

    yield registered
    for name in [name for name in sys.modules if name.startswith(("free_named", "with_branches"))]:
        del sys.modules[name]


def test_the_nodes_that_a_case_needs_have_one_order(registered):
    (workflow,) = [entity for entity in registered("with_branches", BRANCHES) if isinstance(entity, WorkflowSpec)]
    (block,) = [node.branch_node.if_else for node in workflow.template.nodes if node.branch_node]
    cases = [block.case.then_node, block.other[0].then_node, block.else_node]
    expected = [[f"n{number}" for number in range(first, 9)] for first in range(3)]
    assert [node.upstream_node_ids for node in cases] == expected


def test_a_free_name_is_registered_and_a_reference_is_not(registered):
    entities = registered("free_named", SOURCE)
    calls = "free_named.workflow.calls"
    assert [identifier(entity).name for entity in entities] == [
        "free_named.workflow.double",
        *(calls, calls),
        *("doubling", "doubling"),
    ]
