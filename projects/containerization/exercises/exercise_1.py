"""Exercise 1: an input tol, with which both releases of scikit-learn give the same model."""

import inspect

from containerization_lesson import workflow

NAMES = ("compare_releases", "train_old", "train_current")


def inputs_of(name):
    return getattr(workflow, name).python_interface.inputs_with_defaults


def test_begun():
    assert "tol" in inputs_of("compare_releases"), "compare_releases has no input tol"


def test_default():
    found = {name: inputs_of(name).get("tol", ("", None))[1] for name in NAMES}
    parameter = inspect.signature(workflow.train_and_judge).parameters.get("tol")
    found["train_and_judge"] = parameter and parameter.default
    wrong = [f"{name}: {default}" for name, default in found.items() if default != 0.0001]
    assert not wrong, (
        f"tol must be an input of all four with the default 0.0001, as in scikit-learn; {', '.join(wrong)}"
    )


def test_it_reaches_both_tasks(recorded):
    record = recorded(workflow.compare_releases, tol=0.01).record
    assert record.status == "succeeded", f"with tol=0.01 the run fails: {record.tasks[-1].error}"
    for task in record.tasks:
        if task.name.startswith("train"):
            found = task.inputs["tol"]
            assert found == 0.01, f"with tol=0.01 the task {task.name} still gets {found}"
    accuracies = [record.outputs[f"{which}_train_accuracy"] for which in ("old", "current")]
    assert accuracies[0] == accuracies[1], (
        f"with tol=0.01 the accuracies on the training data still differ: {accuracies[0]:.4f} and {accuracies[1]:.4f}"
    )
