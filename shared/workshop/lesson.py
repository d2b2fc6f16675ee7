"""The facts of a lesson that its own environment needs, from its lesson.toml.

The file is checked in full by the make targets (tools/lessons.py) before anything here reads it.
"""

import importlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flytekit.core.workflow import PythonFunctionWorkflow


@dataclass(frozen=True)
class Case:
    """Inputs of a lesson's entry point and the outputs that they give, on every tier."""

    name: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


@dataclass(frozen=True)
class Lesson:
    """A lesson. `inputs` are what `make run` passes unless told otherwise."""

    name: str
    folder: Path
    title: str
    entry_point: str
    inputs: dict[str, Any]
    cases: tuple[Case, ...]

    @classmethod
    def read(cls, folder: Path) -> "Lesson":
        """Reads folder/lesson.toml."""
        facts = tomllib.loads((folder / "lesson.toml").read_text(encoding="utf-8"))
        cases = (Case(case["name"], case.get("inputs", {}), case["outputs"]) for case in facts["cases"])
        return cls(folder.name, folder, facts["title"], facts["entry_point"], facts.get("inputs", {}), tuple(cases))

    def workflow(self) -> "PythonFunctionWorkflow":
        """The workflow that the entry point names; the lesson's folder must be importable."""
        module, _, name = self.entry_point.partition(":")
        return getattr(importlib.import_module(module), name)


def by_name(workflow: "PythonFunctionWorkflow", result: Any) -> dict[str, Any]:
    """The outputs of a workflow by name; `result` is what calling it returned."""
    names = list(workflow.python_interface.outputs)
    if not names:
        return {}
    return dict(zip(names, result if isinstance(result, tuple) else [result], strict=True))
