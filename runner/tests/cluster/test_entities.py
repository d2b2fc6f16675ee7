"""What of a package is registered: also a workflow whose name is free, and no reference."""

import sys

from runner.cluster.entities import entities_of, identifier
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


def test_a_free_name_is_registered_and_a_reference_is_not(tmp_path, monkeypatch):
    package = Package("free_named", tmp_path / "free_named")
    package.folder.mkdir()
    (package.folder / "workflow.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    entities = entities_of(package, settings({"default": "localhost:30000/example:1"}))
    for name in [name for name in sys.modules if name.startswith("free_named")]:
        del sys.modules[name]
    calls = "free_named.workflow.calls"
    assert [identifier(entity).name for entity in entities] == [
        "free_named.workflow.double",
        *(calls, calls),
        *("doubling", "doubling"),
    ]
