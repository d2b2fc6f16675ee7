"""The model card: what was made, from which data, by which code, in which image, and how good it is.

The card identifies each thing by a hash, a revision or an execution. A year later, you can fetch the thing or compute
it again, and compare. A fact that the task cannot find out is "unknown", never a guess.
"""

import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import workshop
from flytekit import current_context

from custom_decks.renderers import TableRenderer

# In the repository and in the image, the lock is beside the package.
PACKAGE = Path(__file__).parent
LOCK = PACKAGE.parent / "requirements.txt"

UNKNOWN = "unknown"


@dataclass
class Origin:
    """Where a result comes from.

    Attributes:
        revision: the commit, 12 digits, with -dirty if files had changed since.
        code_sha256: the hash of the Python files that ran: this package and the shared one.
        lock_sha256: the hash of the lock, which pins every package by version and hash.
        image: the name of the image that the task ran in.
        execution: project/domain/name of the execution, by which Flyte finds its inputs and outputs.
        made: when, UTC.
    """

    revision: str
    code_sha256: str
    lock_sha256: str
    image: str
    python: str
    execution: str
    made: str


def origin() -> Origin:
    """Returns the origin of what the current task makes.

    A task cannot see git, and a container does not know its own image. Therefore variables hold both facts. `make run`
    sets CODE_REVISION. The Dockerfile sets CODE_REVISION and FLYTE_INTERNAL_IMAGE, which is Flyte's own variable.
    """
    execution = current_context().execution_id
    commit, dash, rest = os.environ.get("CODE_REVISION", "").partition("-")
    return Origin(
        revision=commit[:12] + dash + rest or UNKNOWN,
        code_sha256=code_hash(PACKAGE, Path(workshop.__file__).parent),
        lock_sha256=sha256(LOCK.read_bytes()).hexdigest() if LOCK.exists() else UNKNOWN,
        image=os.environ.get("FLYTE_INTERNAL_IMAGE") or UNKNOWN,
        python=platform.python_version(),
        execution=f"{execution.project}/{execution.domain}/{execution.name}",
        made=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def code_hash(*packages: Path) -> str:
    """Returns the hash of the names and the contents of all Python files in some packages."""
    digest = sha256()
    for package in packages:
        for file in sorted(package.rglob("*.py")):
            digest.update(f"{file.relative_to(package)}\0{sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


@dataclass(repr=False)
class ModelCard:
    """What an auditor asks of a model.

    Attributes:
        purpose: what the model is for, and what it is not for.
        model: its steps and parameters.
        model_hash: joblib.hash of the model, which was fitted to all rows.
        data_sha256: hash_frame of the data that it was trained on.
        rows: the number of rows of the data.
        inputs: the inputs of the workflow, which decide the result together with the data.
        scores: how good the model is, by name: a cross-validation, in which each copy predicts unseen rows.
    """

    purpose: str
    model: str
    model_hash: str
    data_sha256: str
    rows: int
    inputs: dict[str, int]
    scores: dict[str, float]
    origin: Origin

    def __repr__(self) -> str:
        """Returns the card as JSON, which a run shows as its output."""
        return json.dumps(asdict(self), indent=2)


class CardRenderer:
    """Shows a model card as a page to print."""

    def to_html(self, card: ModelCard) -> str:
        table = TableRenderer().to_html
        facts = asdict(card)
        origin, inputs, scores = facts.pop("origin"), facts.pop("inputs"), facts.pop("scores")
        return (
            f"<h1>Model card</h1>{table(facts)}"
            f"<h2>How good it is (cross-validation)</h2>{table(scores)}"
            f"<h2>Inputs</h2>{table(inputs)}"
            f"<h2>Where it comes from</h2>{table(origin)}"
        )
