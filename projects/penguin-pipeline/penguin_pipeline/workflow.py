"""What runs every night: from the files that arrive to the model in use.

Read from top to bottom: what a night gives, the workflow, and its two launch plans. Each step is a module of its own,
in the order of the imports below.
"""

import os
from datetime import datetime
from functools import partial
from typing import NamedTuple

from flytekit import CronSchedule, LaunchPlan, conditional, map_task, workflow

from penguin_pipeline.arrival import arrive
from penguin_pipeline.card import ModelCard, write_card
from penguin_pipeline.deciding import keep, promote, report_failure
from penguin_pipeline.events import DieAt, Survey
from penguin_pipeline.judging import judge, pick_best
from penguin_pipeline.loading import load
from penguin_pipeline.quality import check_rows
from penguin_pipeline.training import run_trial, train


class Night(NamedTuple):
    promoted: bool
    quarantined: int
    rate: float
    failed_trials: int
    epochs_by_attempt: list[int]
    accuracy: float
    verdict: str
    card: ModelCard


@workflow(on_failure=report_failure)
def nightly(
    survey: Survey = Survey.usual,
    seed: int = 1,
    night: datetime = datetime(2026, 11, 2),
    rates: list[float] = [0.003, 0.03, 0.3],
    n_epochs: int = 100,
    die_at: DieAt = DieAt.nowhere,
    store: str = "",
) -> Night:
    """Trains a candidate on the survey of a night, and promotes it if it is better and calibrated."""
    raw = load(files=arrive(survey=survey, seed=seed), night=night)
    checked = check_rows(raw=raw)

    # At most two trials run at the same time. If half of them succeed, the night goes on.
    trial = partial(run_trial, rows=checked.good, n_epochs=n_epochs, seed=seed)
    losses = map_task(trial, concurrency=2, min_success_ratio=0.5)(rate=rates)
    best = pick_best(rates=rates, losses=losses)

    trained = train(rows=checked.good, rate=best.rate, n_epochs=n_epochs, seed=seed, die_at=die_at)
    judged = judge(model=trained.model, store=store)
    card = write_card(
        model=trained.model,
        rows=checked.good,
        night=night,
        quarantined=checked.quarantined,
        rate=best.rate,
        verdict=judged.verdict,
        scores=judged.scores,
        origin=trained.origin,
    )

    # A branch of the graph. Flyte runs the node of the first case that holds. A condition compares outputs of tasks by
    # Flyte's own operators: Python would evaluate `and` when it builds the graph.
    promoted = (
        conditional("promotion")
        .if_(judged.is_better.is_true() & judged.is_calibrated.is_true())
        .then(promote(model=trained.model, card=card, store=store))
        .else_()
        .then(keep(card=card, store=store))
    )
    return Night(
        promoted=promoted,
        quarantined=checked.quarantined,
        rate=best.rate,
        failed_trials=best.failed_trials,
        epochs_by_attempt=trained.epochs_by_attempt,
        accuracy=judged.scores["accuracy"],
        verdict=judged.verdict,
        card=card,
    )


# The store of the launch plans: an address in the object store of the cluster, here of the sandbox.
STORE = os.environ.get("PENGUIN_STORE", "s3://my-s3-bucket/penguin-pipeline")

# Every night at 02:00 UTC. Flyte passes the time for which the schedule starts an execution as the input `night`.
every_night = LaunchPlan.get_or_create(
    name="penguin_pipeline_every_night",
    workflow=nightly,
    default_inputs={"store": STORE},
    schedule=CronSchedule(schedule="0 2 * * *", kickoff_time_input_arg="night"),
)

# For one day of the past: somebody starts it with another `night`. A fixed input cannot be changed, so the model of an
# old day never replaces the one in use.
back_fill = LaunchPlan.get_or_create(
    name="penguin_pipeline_back_fill",
    workflow=nightly,
    fixed_inputs={"store": f"{STORE}/back-fill"},
)


if __name__ == "__main__":
    print(nightly())
