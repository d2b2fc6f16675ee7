"""The ends of a night: the candidate is promoted, or the model in use stays, or the night has failed."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from flytekit import task
from flytekit.types.error import FlyteError
from flytekit.types.file import FlyteFile

from penguin_pipeline.card import ModelCard
from penguin_pipeline.events import DieAt, Survey
from penguin_pipeline.sizes import LIGHT
from penguin_pipeline.store import Store


@task(resources=LIGHT)
def promote(model: FlyteFile, card: ModelCard, store: str) -> bool:
    """Makes the candidate the model in use."""
    Store(store).promote(Path(model).read_bytes(), card.night)
    note(card, "promoted", store)
    return True


@task(resources=LIGHT)
def keep(card: ModelCard, store: str) -> bool:
    """Leaves the model in use as it is, and writes down why."""
    note(card, "not promoted", store)
    return False


def note(card: ModelCard, decision: str, store: str) -> None:
    """Writes the decision to a file of its own, so that none is lost when a night is run again."""
    content = json.dumps({"decision": decision, **asdict(card)}, indent=2)
    Store(store).write(f"decisions/{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.json", content.encode())


# The handler of the workflow gets the inputs of the workflow, and the error. No person watches at night, so the notice
# goes where somebody, or a program, looks in the morning.
@task(resources=LIGHT)
def report_failure(
    survey: Survey,
    seed: int,
    night: datetime,
    rates: list[float],
    n_epochs: int,
    die_at: DieAt,
    store: str,
    err: FlyteError | None = None,
) -> None:
    """Writes down what happened. The model in use remains in use."""
    what = err.message if err else "no error"
    notice = f"survey={survey.value} seed={seed} rates={rates} n_epochs={n_epochs} die_at={die_at.value}\n{what}\n"
    Store(store).write(f"failures/{night:%Y-%m-%d}.txt", notice.encode())
    print(f"the night of {night:%Y-%m-%d} has failed: {what}", flush=True)
