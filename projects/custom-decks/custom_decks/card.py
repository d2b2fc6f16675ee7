"""The model card: what was made, from which data, by which code, in which image, and how good it is.

It names each thing by what only that thing has: a hash, a revision, an execution. A year later each can be fetched
or computed again and compared. What is not known where the task runs is called unknown, never guessed.
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

# In the repository and in the image alike: the lock lies beside the package.
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
    """The origin of what the current task makes.

    A task cannot see git, and a container does not know its own image, so both facts come from outside. `make run` sets
    CODE_REVISION. An image has it from its Dockerfile, with FLYTE_INTERNAL_IMAGE, which is Flyte's own variable.
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
    """The hash of the names and the contents of all Python files in some packages."""
    digest = sha256()
    for package in packages:
        for file in sorted(package.rglob("*.py")):
            digest.update(f"{file.relative_to(package)}\0{sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


@dataclass(repr=False)
class ModelCard:
    """What an auditor asks of a model.

    Attributes:
        purpose: what it is for, and what it is not for.
        model: what it is.
        model_hash: joblib.hash of the model, which was fitted to all rows.
        data_sha256: hash_frame of the data that it was trained on.
        rows: how many those were.
        inputs: what decides the result beside the data.
        scores: how good it is, by name: of copies in a cross-validation, each judged on rows it was not fitted to.
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
        """As JSON, where the outputs of a run are shown."""
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
