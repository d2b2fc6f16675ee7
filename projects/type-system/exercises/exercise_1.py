"""Exercise 1: a task whose type declares a further column, which the data frames of the workflow then carry."""

from type_system import workflow

from runner.graph.compiled import compiled

ENTRY_POINT = "type_system.workflow:species_report"
OUTPUTS = workflow.species_report.python_interface.outputs


def test_begun():
    assert hasattr(workflow, "count_sexes"), "type_system/workflow.py has no task count_sexes"


def test_declared():
    kinds = workflow.count_sexes.interface.inputs
    assert list(kinds) == ["data"], f"count_sexes must have the input data and no other, not {', '.join(kinds)}"
    columns = getattr(kinds["data"].type.structured_dataset_type, "columns", [])
    found = sorted(column.name for column in columns)
    assert found == ["sex", "species"], f"the type of data must declare the columns species and sex, not {found}"


def test_connected():
    tasks = compiled(workflow.species_report, {"default": "registry.example/type-system:1"}).tasks.values()
    names = [task.id.name.split(".")[-1] for task in tasks]
    assert "count_sexes" in names, "species_report does not call count_sexes"
    assert "sexes" in OUTPUTS, f"species_report has no output sexes; its outputs are {', '.join(OUTPUTS)}"


def test_types_fit(findings):
    assert findings[-1].endswith("all types fit"), (
        f"typecheck reports a connection whose columns do not fit: {findings[0]}"
    )


def test_counts(execute):
    found = execute(ENTRY_POINT, {})["sexes"]
    assert found == {"female": 42, "male": 42}, f"the test part has 42 penguins of each sex, not {found}"
