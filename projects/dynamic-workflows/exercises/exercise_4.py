"""Exercise 4: the tasks of the dynamic workflow read the data where split_data stored it."""

from dynamic_workflows import workflow

INPUTS = workflow.search.python_interface.inputs
DATA = "train", "validation"


def test_begun():
    references = [name for name in DATA if "StructuredDataset" in str(INPUTS.get(name))]
    assert references, "search takes neither train nor validation as a StructuredDataset"


def test_one_copy_of_each_part(recorded):
    record = recorded(workflow.grid_search).record
    assert not record.error, f"the search fails: {record.error}"
    (searched,) = (task for task in record.tasks if task.name == "search")
    inside = [task for task in record.tasks if task.parent == searched.id]
    read = {stored.path for task in inside for name in ("train", "data") for stored in task.read.get(name, [])}
    copies = [path for path in read if path.startswith(f"nodes/{searched.id}/attempt")]
    assert not copies, f"search still stores {len(copies)} data frames, for which a reference would do"
    trained = [task for task in inside if task.name == "train_model"]
    assert len(trained) == 6, f"the default search trains 6 models, not {len(trained)}"
    assert len(read) == 2, f"the tasks read {len(read)} data frames; split_data stored 2 for them"
