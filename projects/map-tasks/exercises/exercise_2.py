"""Exercise 2: each member of paired_search gets an element of two lists."""

import pytest
from flytekit.core.type_engine import TypeEngine
from map_tasks import workflow


@pytest.fixture
def record(recorded):
    record = recorded(workflow.paired_search, regularizations=[0.1, 0.1], measures=[1, 4]).record
    assert not record.error, f"the search of two pairs fails: {record.error}"
    return record


def test_begun():
    assert hasattr(workflow, "paired_search"), "map_tasks/workflow.py has no paired_search"


def test_inputs():
    kinds = workflow.paired_search.python_interface.inputs
    for name, expected in (("regularizations", list[float]), ("measures", list[int])):
        assert name in kinds, f"paired_search has no input {name}; its inputs are {', '.join(kinds)}"
        found = kinds[name]
        is_right = TypeEngine.to_literal_type(found) == TypeEngine.to_literal_type(expected)
        assert is_right, f"{name} must be a {expected}, not {found}"


def test_members_get_pairs(record):
    members = [task for task in record.tasks if task.name == "run_trial"]
    assert len(members) == 2, f"two pairs need two members, not {len(members)}"
    found = sorted(round(accuracy, 3) for task in members for accuracy in task.outputs.values())
    assert found == [0.754, 0.986], (
        f"with 1 and 4 measures the members reach 0.754 and 0.986, not {found}: partial must not bind measures"
    )


def test_result(record):
    accuracy = record.outputs["validation_accuracy"]
    assert accuracy == pytest.approx(0.9855072463768116), f"the pair with 4 measures reaches 0.9855, not {accuracy}"
