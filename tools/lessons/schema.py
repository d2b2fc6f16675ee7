"""What a lesson.toml may hold: its keys, and the values that each may have."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from tools.lessons.bases import Base

Section = Literal[
    "Introduction",
    "Scalability",
    "Data quality",
    "Reproducibility",
    "Recoverability",
    "Auditability",
    "In production",
]
Tier = Literal["local", "image", "cluster"]
Text = Annotated[str, Meta(min_length=1)]
Positive = Annotated[int, Meta(ge=1)]
# \w and not [a-z]: names of Python are in any letters. \Z and not $, which a line end may follow.
EntryPoint = Annotated[str, Meta(pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*)+:[^\W\d]\w*\Z", max_length=200)]
Module = Annotated[str, Meta(pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*)*\Z", max_length=200)]
Stage = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*\Z", max_length=100)]
Script = Annotated[str, Meta(pattern=r"^[a-z_]+\.py\Z", max_length=100)]
Lock = Annotated[str, Meta(pattern=r"^(requirements(-[a-z0-9-]+)?\.txt)?\Z", max_length=100)]


class Image(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One image of a lesson: a stage of its Dockerfile, and how large it may become.

    Attributes:
        stage: the stage of the Dockerfile.
        size_mb: its budget, in units of 10^6 bytes.
        base: what its Dockerfile's `FROM base` stands for.
        lock: what is installed in it; empty for an image without Python.
        imports: the module that must be importable in it without a warning; of the default image the
            entry point's, unless this names another.
    """

    stage: Stage
    size_mb: Positive
    base: Base = "base"
    lock: Lock = "requirements.txt"
    imports: Module | Literal[""] = ""


class Needs(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a run needs beyond git, make and Python, in units of 10^6 bytes."""

    disk_mb: Positive
    memory_mb: Positive


class Case(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Inputs of a workflow and what they give: the outputs, or the error that the run must end with.

    Attributes:
        outputs: expected outputs by name; those that it does not name may be anything.
        fails: a regular expression that the error's text must hold, instead of outputs.
        inputs: by name, written as for --inputs-file; the path of a file is relative to the lesson's folder. A case of
            the lesson's own entry point has the lesson's inputs too.
        warns: a regular expression of what tasks must warn of; on the image tier any other warning is a fault.
        entry_point: the workflow, if not the lesson's entry point.
        tiers: where the case is run.
    """

    name: Text
    outputs: dict[str, Any] = {}
    fails: str = ""
    warns: str = ""
    inputs: dict[str, Any] = {}
    entry_point: EntryPoint | Literal[""] = ""
    tiers: Annotated[tuple[Tier, ...], Meta(min_length=1)] = ("local", "image", "cluster")


class Lesson(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The content of a lesson.toml.

    Attributes:
        benchmark: the script in benchmarks/ that `make benchmark` runs; empty if the lesson has none.
    """

    title: Text
    section: Section
    order: Positive
    minutes: Positive
    teaches: Text
    entry_point: EntryPoint
    needs: Needs
    images: dict[Stage, Image]
    cases: Annotated[list[Case], Meta(min_length=1)]
    inputs: dict[str, Any] = {}
    benchmark: Script | Literal[""] = ""
