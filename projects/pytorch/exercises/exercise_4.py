"""Exercise 4: the heavy tasks have a memory limit that fits, which only containers show."""

import pytest
from pytorch_lesson import workflow

from runner.graph.compiled import compiled
from runner.harness.quantities import quantities, quantity

ENTRY_POINT = "pytorch_lesson.workflow:train_and_judge"
MOST = quantity("800Mi")


@pytest.fixture
def memory() -> dict[str, tuple[str, str]]:
    """The request and the limit of each heavy task."""
    tasks = compiled(workflow.train_and_judge, {"default": "light:1", "training": "heavy:1"}).tasks
    sizes = {
        name.rpartition(".")[2]: task.container.resources
        for name, task in tasks.items()
        if task.container.image == "heavy:1"
    }
    return {
        name: (quantities(size.requests).get("memory", "0"), quantities(size.limits).get("memory", "0"))
        for name, size in sizes.items()
    }


def test_begun(memory):
    limit = memory["train"][1]
    assert limit != "2Gi", f"the memory limit of train is {limit}"


def test_size(memory):
    for name, (request, limit) in memory.items():
        assert request == limit, f"{name} requests {request} and is limited to {limit}: make both the same"
        assert 0 < quantity(limit) <= MOST, f"the limit of {name} is {limit}; allowed are at most 800Mi"


def test_the_tasks_succeed(execute):
    try:
        execute(ENTRY_POINT, {"n_epochs": 20})
    except Exception as error:
        raise AssertionError(f"with these limits the workflow fails in its containers: {error}") from None
