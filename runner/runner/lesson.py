"""The facts of a lesson that its own environment needs, from its lesson.toml.

The file is checked in full by the make targets (tools/lessons/catalog.py) before anything here reads it.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runner.entry_point import workflow as workflow

TIERS = ("local", "image", "cluster")


@dataclass(frozen=True)
class Case:
    """Inputs of a workflow, and the outputs that they give or what the error holds that they end with.

    `warns` is what tasks warn of on the way, a regular expression; empty if of nothing.
    """

    name: str
    entry_point: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    fails: str
    warns: str
    tiers: tuple[str, ...]


@dataclass(frozen=True)
class Image:
    """An image of a lesson, its lock, and the interpreter of the environment that stands for it without Docker.

    `lock` is the name of a file of the lesson. An image without Python has neither lock nor interpreter. One that has
    no code of the lesson, a base image, is given it when a task starts.
    """

    reference: str
    python: str = ""
    lock: str = ""
    has_code: bool = True


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes:
        inputs: what `make run` passes by default.
        images: the names of its images.
    """

    name: str
    folder: Path
    title: str
    entry_point: str
    inputs: dict[str, Any]
    images: tuple[str, ...]
    cases: tuple[Case, ...]

    @property
    def package(self) -> str:
        """The importable package of the lesson."""
        return self.entry_point.split(".")[0]

    @classmethod
    def read(cls, folder: Path) -> "Lesson":
        """Reads folder/lesson.toml."""
        facts = tomllib.loads((folder / "lesson.toml").read_text(encoding="utf-8"))
        entry_point, inputs = facts["entry_point"], facts.get("inputs", {})
        cases = tuple(case_of(case, entry_point, inputs) for case in facts["cases"])
        names = tuple(facts.get("images", ("default",)))
        return cls(folder.name, folder, facts["title"], entry_point, inputs, names, cases)


def case_of(case: Mapping[str, Any], entry_point: str, inputs: Mapping[str, Any]) -> Case:
    """A case as lesson.toml has it; one of the lesson's `entry_point` takes over the lesson's `inputs`."""
    own = case.get("entry_point") or entry_point
    return Case(
        name=case["name"],
        entry_point=own,
        inputs={**(inputs if own == entry_point else {}), **case.get("inputs", {})},
        outputs=case.get("outputs", {}),
        fails=case.get("fails", ""),
        warns=case.get("warns", ""),
        tiers=tuple(case.get("tiers", TIERS)),
    )


def to_run(lesson: Lesson) -> tuple[Lesson, str]:
    """The lesson with the workflow that WORKFLOW names as its entry point, and how `make run` is called for that.

    [inputs] of lesson.toml are those of the lesson's own entry point.
    """
    command, name = f"make run PROJECT={lesson.name}", os.environ.get("WORKFLOW", "")
    if not name:
        return lesson, command
    entry_point = f"{lesson.entry_point.partition(':')[0]}:{name}"
    inputs = lesson.inputs if entry_point == lesson.entry_point else {}
    return replace(lesson, entry_point=entry_point, inputs=inputs), f"{command} WORKFLOW={name}"


def images(facts: Mapping[str, Any]) -> dict[str, Image]:
    """A lesson's images by name, from the facts that the make targets hand over; a default one if they have none."""
    return {"default": Image("localhost/none:0")} | {name: Image(**image) for name, image in facts.items()}
