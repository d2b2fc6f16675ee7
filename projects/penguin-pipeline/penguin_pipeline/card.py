"""The model card: what was made, from which data, by which code, in which image, and how good it is.

As in the lesson custom-decks, the card identifies each thing by a hash, a revision or an execution.
"""

import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import workshop
from flytekit import current_context, task
from flytekit.deck import DeckField
from flytekit.types.file import FlyteFile
from workshop.hashes import hash_frame

from penguin_pipeline.data import Rows
from penguin_pipeline.decks import table
from penguin_pipeline.sizes import LIGHT

PACKAGE = Path(__file__).parent
LOCK = PACKAGE.parent / "requirements.txt"
UNKNOWN = "unknown"


@dataclass
class Origin:
    """Where a model comes from; the task that trains it fills this in.

    Attributes:
        revision: the commit, 12 digits, with -dirty if files had changed since.
        code_sha256: the hash of the Python files that ran: this package and the shared one.
        lock_sha256: the hash of the lock of the image that trains.
        image: the name of the image that the task ran in.
        execution: project/domain/name of the execution, by which Flyte finds its inputs and outputs.
    """

    revision: str
    code_sha256: str
    lock_sha256: str
    image: str
    python: str
    execution: str


@dataclass(repr=False)
class ModelCard:
    """What an auditor asks of a model.

    Attributes:
        night: the night whose survey the model learned from.
        model_sha256: the hash of its file.
        data_sha256: hash_frame of the good rows.
        rows: the number of good rows.
        quarantined: the number of bad rows.
        rate: the learning rate that the search chose.
        verdict: how the model compares with the model in use.
        scores: on the penguins that are held out; if there is a model in use, its scores too.
    """

    night: str
    model_sha256: str
    data_sha256: str
    rows: int
    quarantined: int
    rate: float
    verdict: str
    scores: dict[str, float]
    origin: Origin

    def __repr__(self) -> str:
        """Returns the card as JSON, which a run shows as its output."""
        return json.dumps(asdict(self), indent=2)


class CardRenderer:
    """Shows a model card as a page to print."""

    def to_html(self, card: ModelCard) -> str:
        facts = asdict(card)
        origin, scores = facts.pop("origin"), facts.pop("scores")
        return (
            f"<h1>Model card</h1>{table(facts)}<h2>How good it is</h2>{table(dict(sorted(scores.items())))}"
            f"<h2>Where it comes from</h2>{table(origin)}"
        )


def origin() -> Origin:
    """Returns the origin of what the current task makes. `make run` and the image set the variables."""
    execution = current_context().execution_id
    commit, dash, rest = os.environ.get("CODE_REVISION", "").partition("-")
    return Origin(
        revision=commit[:12] + dash + rest or UNKNOWN,
        code_sha256=code_hash(PACKAGE, Path(workshop.__file__).parent),
        lock_sha256=sha256(LOCK.read_bytes()).hexdigest() if LOCK.exists() else UNKNOWN,
        image=os.environ.get("FLYTE_INTERNAL_IMAGE") or UNKNOWN,
        python=platform.python_version(),
        execution=f"{execution.project}/{execution.domain}/{execution.name}",
    )


def code_hash(*packages: Path) -> str:
    """Returns the hash of the names and the contents of all Python files in some packages."""
    digest = sha256()
    for package in packages:
        for file in sorted(package.rglob("*.py")):
            digest.update(f"{file.relative_to(package)}\0{sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


@task(resources=LIGHT, enable_deck=True, deck_fields=(DeckField.OUTPUT,))
def write_card(
    model: FlyteFile,
    rows: Rows,
    night: datetime,
    quarantined: int,
    rate: float,
    verdict: str,
    scores: dict[str, float],
    origin: Origin,
) -> Annotated[ModelCard, CardRenderer()]:
    """Describes the candidate, whether it will be promoted or not."""
    return ModelCard(
        night=f"{night:%Y-%m-%d}",
        model_sha256=sha256(Path(model).read_bytes()).hexdigest(),
        data_sha256=hash_frame(rows),
        rows=len(rows),
        quarantined=quarantined,
        rate=rate,
        verdict=verdict,
        scores=scores,
        origin=origin,
    )
