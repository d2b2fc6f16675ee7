"""Tests the four nights of the README, and the other events that an input provokes."""

import json
from datetime import datetime

import pytest
from flytekit import LaunchPlan
from nights import decisions, names, outcomes
from penguin_pipeline import workflow
from penguin_pipeline.events import DieAt, Survey

from runner.graph.compiled import compiled

IMAGES = {name: f"registry.example/{name}:1" for name in ("default", "quality", "training")}
# The other tasks read or change what is outside of Flyte.
CACHED = {"check_rows", "run_trial", "pick_best", "train"}


def test_case(case, check):
    check(case)


def test_four_nights(recorded, tmp_path):
    store = tmp_path / "store"

    def night(day: int, **inputs):
        return recorded(workflow.nightly, night=datetime(2026, 11, day), store=str(store), **inputs)

    first = night(2)
    assert (first.record.outputs["promoted"], first.record.outputs["verdict"]) == (True, "better, calibrated")
    (decision,) = decisions(store)
    model = decision["model_sha256"]
    in_use = {"sha256": model, "night": "2026-11-02"}
    assert names(store) >= {"in_use.json", f"models/{model}.npz"}
    assert json.loads((store / "in_use.json").read_text()) == in_use

    # Nothing new has arrived.
    second = night(3)
    cached = {name for name, ends in outcomes(second).items() if ends == ["cached"] * len(ends)}
    assert cached == CACHED
    assert (second.record.outputs["promoted"], second.record.outputs["verdict"]) == (False, "not better, calibrated")

    # The files are broken, and the machine that trains is lost.
    third = night(4, survey=Survey.broken, die_at=DieAt.training)
    assert third.record.outputs["quarantined"] == 21
    assert outcomes(third)["train"] == ["system failure", "succeeded"]
    assert third.record.outputs["epochs_by_attempt"] == "[40, 60]"

    # Every row is valid, and the labels are wrong.
    fourth = night(5, survey=Survey.mislabelled)
    assert fourth.record.outputs["quarantined"] == 0
    assert fourth.record.outputs["verdict"] == "not better, not calibrated"
    assert fourth.record.outputs["accuracy"] == pytest.approx(0.63, abs=0.01)
    assert [found["decision"] for found in decisions(store)] == ["promoted", *["not promoted"] * 3]
    assert json.loads((store / "in_use.json").read_text()) == in_use


def test_a_training_that_dies_is_another_result_than_one_that_does_not(recorded):
    """The epochs by attempt are an output, so a cached training of one attempt is no hit."""
    inputs = {"survey": Survey.broken, "rates": [0.3], "n_epochs": 40}
    runs = [recorded(workflow.nightly, die_at=place, **inputs) for place in (DieAt.nowhere, DieAt.training)]
    assert [run.record.outputs["epochs_by_attempt"] for run in runs] == ["[40]", "[20, 20]"]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"n_epochs": 0}, "n_epochs is 0; choose 1 or more"),
        ({"rates": []}, "rates is empty; choose at least one learning rate"),
    ],
)
def test_a_night_without_training_fails_with_its_reason(inputs, said, recorded):
    assert said in recorded(workflow.nightly, **inputs).record.error


def test_a_night_that_fails_leaves_a_notice_and_the_model_in_use(recorded, tmp_path):
    store = tmp_path / "store"
    run = recorded(workflow.nightly, survey=Survey.incomplete, store=str(store))
    assert run.record.status != "succeeded"
    assert outcomes(run) == {
        "arrive": ["succeeded"],
        "load": ["succeeded"],
        "check_rows": ["non-recoverable"],
        "report_failure": ["succeeded"],
    }
    assert names(store) == {"failures/2026-11-02.txt"}
    notice = (store / "failures" / "2026-11-02.txt").read_text()
    assert notice.startswith("survey=incomplete seed=1 ")
    assert "151 of 300 rows are bad, at most 10% may be; most often: bill_length_mm not_nullable" in notice
    (failed,) = [task for task in run.record.tasks if task.name == "check_rows"]
    assert "151 of 300 rows are bad" in (run.folder / failed.deck).read_text()


def test_half_of_the_trials_may_fail(recorded):
    run = recorded(workflow.nightly, rates=[0.3, 1000.0], n_epochs=20)
    assert (run.record.outputs["failed_trials"], run.record.outputs["rate"]) == (1, 0.3)
    more = recorded(workflow.nightly, rates=[0.3, 1000.0, 2000.0], n_epochs=20)
    assert "the learning rate" in more.record.error
    # The trial that succeeded is not run again.
    assert sorted(outcomes(more)["run_trial"])[0] == "cached"


def test_what_is_not_calibrated_is_not_promoted(recorded):
    run = recorded(workflow.nightly, rates=[0.003], n_epochs=20)
    assert (run.record.outputs["promoted"], run.record.outputs["verdict"]) == (False, "better, not calibrated")


def test_each_task_is_registered_with_its_image_and_its_size():
    graph = compiled(workflow.nightly, IMAGES)
    images = {name.rpartition(".")[2]: task.container.image for name, task in graph.tasks.items()}
    mapped = next(name for name in images if name.startswith("map_run_trial"))
    assert {images[name] for name in ("load", "check_rows")} == {IMAGES["quality"]}
    assert {images[name] for name in ("train", mapped)} == {IMAGES["training"]}
    assert {images[name] for name in ("arrive", "judge", "promote", "keep", "report_failure")} == {IMAGES["default"]}
    for task in graph.tasks.values():
        assert len(task.container.resources.requests) == len(task.container.resources.limits) == 2


def test_a_schedule_gives_the_night_and_a_back_fill_has_a_store_of_its_own():
    nightly, back_fill = workflow.every_night, workflow.back_fill
    assert isinstance(nightly, LaunchPlan)
    cron = nightly.schedule.cron_schedule
    assert (cron.schedule, nightly.schedule.kickoff_time_input_arg) == ("0 2 * * *", "night")
    assert nightly.saved_inputs == {"store": "s3://my-s3-bucket/penguin-pipeline"}
    assert back_fill.schedule is None
    assert set(back_fill.fixed_inputs.literals) == {"store"}
    assert back_fill.saved_inputs == {"store": "s3://my-s3-bucket/penguin-pipeline/back-fill"}
    assert "night" in back_fill.parameters.parameters
