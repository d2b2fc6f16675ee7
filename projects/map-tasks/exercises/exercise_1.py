"""Exercise 1: the search succeeds if one of four members does, and fails if none does."""

from flytekit.core.array_node_map_task import ArrayNodeMapTask
from map_tasks import workflow

ENTITIES = [node.flyte_entity for node in workflow.mapped_search.nodes]
RATIOS = [entity.min_success_ratio for entity in ENTITIES if isinstance(entity, ArrayNodeMapTask)]


def test_begun():
    assert RATIOS != [0.75], "the minimum success ratio of mapped_search is still 0.75"


def test_one_of_four_is_enough(recorded):
    record = recorded(workflow.mapped_search, regularizations=[0.0, -1.0, -2.0, 1.0]).record
    assert not record.error, f"with the ratio {RATIOS[0]}, one successful member of four is not enough"
    assert record.outputs["failed"] == 3, f"three members must fail, not {record.outputs['failed']}"


def test_none_of_four_is_not_enough(recorded):
    record = recorded(workflow.mapped_search, regularizations=[0.0, -1.0, -2.0, -3.0]).record
    picked = [task for task in record.tasks if task.name == "pick_best"]
    assert not picked, f"with the ratio {RATIOS[0]}, the map task succeeds without a single result"


def test_a_quarter():
    assert RATIOS == [0.25], f"a ratio of {RATIOS[0]} is not a quarter"
