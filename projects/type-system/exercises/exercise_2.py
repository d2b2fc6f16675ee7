"""Exercise 2: a column that the type no longer declares is gone, and typecheck cannot see who misses it."""

from type_system import workflow


def test_begun(answer):
    assert answer["typecheck"] and answer["task"], "exercises/answers.toml has no typecheck and task for exercise_2"


def test_typecheck(answer):
    said = answer["typecheck"].strip().lower()
    assert said in ("yes", "no"), f"typecheck must be yes or no, not {said!r}"
    assert said == "no", "typecheck compares types: after the change, do any two connected types differ?"


def test_task(answer):
    task = answer["task"].split()[0]
    assert task not in ("settle", "n0"), (
        "settle succeeds: it compares the text with the list of measures, not with data"
    )
    assert task in ("train_model", "n3"), f"{task} does not fail: look for the line with the KeyError"


def test_undone():
    (columns,) = workflow.Penguins.__metadata__
    assert "body_mass_g" in columns, "undo the change: Penguins has no body_mass_g"
