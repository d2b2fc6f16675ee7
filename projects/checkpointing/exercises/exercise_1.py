"""Exercise 1: a checkpoint after every fifth epoch, and the epochs that were trained again."""

from checkpointing_lesson import workflow

ENTRY_POINT = "checkpointing_lesson.workflow:train_and_judge"
INPUTS = workflow.train_and_judge.python_interface.inputs_with_defaults


def test_begun():
    assert "every" in INPUTS, "the workflow has no input every"


def test_default():
    kind, default = INPUTS["every"]
    assert (kind, default) == (int, 1), f"every must be an int with the default 1, not {kind} with {default}"
    assert "every" in workflow.train.python_interface.inputs, "the task train has no input every"


def test_every_fifth_epoch(execute):
    outputs, usual = execute(ENTRY_POINT, {"every": 5}), execute(ENTRY_POINT, {})
    found, expected = outputs["trained_by"], [1] * 5 + [2] * 5
    assert found == expected, (
        f"with every=5 trained_by is {found}, not {expected}: save after 5 epochs, after 10 epochs and so on"
    )
    assert outputs["model_sha256"] == usual["model_sha256"], "the model with every=5 is not the one with every=1"


def test_repeated(answer):
    found = str(answer["repeated"]).strip()
    assert found, "exercises/answers.toml has no number of repeated epochs for exercise_1"
    assert found != "0", "trained_by has each epoch once, but the logs of the attempts have more lines than that"
    assert found == "5", f"not {found} epochs: compare the log of each attempt with the logs of those before"
