"""What the tests of inputs have in common: types, and workflows with one input."""

from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from flytekit import workflow

from runner.errors import Stop
from runner.lesson import Lesson
from runner.local.options import inputs_of

TARGET = "make run PROJECT=x"
HINT = f" For the inputs: {TARGET} ARGS=--help"
LESSON = Lesson("x", Path(__file__).parent, "X", "m.w:wf", {}, ("default",), ())


class Scale(Enum):
    RANGE = "range"
    UNIT = "unit variance"


@dataclass
class Step:
    rate: float = 0.1
    name: str = "step"


@dataclass
class Plan:
    steps: list[Step]
    scale: Scale = Scale.RANGE
    until: date | None = None
    sizes: dict[str, int] = field(default_factory=dict)


def workflow_of(kind: Any, *default: Any) -> Any:
    """A workflow with one input, called value."""

    def wf(value):
        """Takes a value."""

    wf.__annotations__, wf.__defaults__ = {"value": kind}, default or None
    return workflow(wf)


def with_inputs(**inputs: Any) -> Lesson:
    """A lesson whose lesson.toml gives inputs."""
    return replace(LESSON, inputs=inputs)


def refused(entity: Any, *arguments: str, lesson: Lesson = LESSON) -> str:
    """Why the inputs are refused, without the words that every refusal ends with."""
    with pytest.raises(Stop) as stop:
        inputs_of(entity, lesson, arguments, TARGET)
    line = str(stop.value)
    assert "\n" not in line
    assert len(line) < 500
    assert line.endswith(HINT)
    return line.removesuffix(HINT).removesuffix(".")
