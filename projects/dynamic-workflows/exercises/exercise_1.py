"""Exercise 1: the grid has a third dimension, balanced, which reaches the models."""

from dataclasses import fields

from dynamic_workflows import workflow
from flytekit.core.type_engine import TypeEngine

INPUTS = workflow.grid_search.python_interface.inputs_with_defaults


def test_begun():
    assert "balanced" in INPUTS, f"grid_search has no input balanced; its inputs are {', '.join(INPUTS)}"


def test_defaults():
    names = [field.name for field in fields(workflow.Hyperparameters)]
    assert "balanced" in names, f"Hyperparameters has no field balanced; its fields are {', '.join(names)}"
    points = workflow.make_grid.python_interface.inputs_with_defaults
    defaults = getattr(workflow.Hyperparameters, "balanced", None), points.get("balanced", (None, None))[1]
    assert defaults == (False, [False]), (
        f"the defaults in Hyperparameters and make_grid must be False and [False], not {defaults[0]} and {defaults[1]}"
    )
    kind, default = INPUTS["balanced"]
    is_list = TypeEngine.to_literal_type(kind) == TypeEngine.to_literal_type(list[bool])
    assert is_list and default == [False], (
        f"the input balanced must be a list[bool] with the default [False], not {kind} with {default}"
    )


def test_it_reaches_the_model():
    train = workflow.split_data(random_state=42).train
    points = [workflow.Hyperparameters(regularization=0.1, measures=4, balanced=value) for value in (False, True)]
    models = [workflow.train_model(train=train, hyperparameters=point) for point in points]
    found = [model[-1].class_weight for model in models]
    assert found != [None, None], (
        "both points give a model with class_weight None: train_model must pass the hyperparameter on"
    )
    assert found == [None, "balanced"], f"balanced=False and balanced=True give class_weight {found[0]} and {found[1]}"


def test_the_search_has_twice_the_points(recorded):
    record = recorded(workflow.grid_search, regularizations=[0.1], measures=[4], balanced=[False, True]).record
    assert not record.error, f"the search with both values of balanced fails: {record.error}"
    trained = [task for task in record.tasks if task.name == "train_model"]
    assert len(trained) == 2, f"a grid of one by one by two points trains {len(trained)} models: does make_grid use it?"
    accuracy = record.outputs["validation_accuracy"]
    assert accuracy == 1.0, f"with balanced classes the best validation accuracy is 1.0, not {accuracy}"
