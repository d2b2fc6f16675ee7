"""What a task finds around it: values, variables, the working folder, the module itself."""

import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from flytekit import map_task, task, workflow

IMPORTED_BY = os.getpid()


class Around(NamedTuple):
    variable: str
    prefix: str
    imported: bool


@task(environment={"OF_THE_TASK": "set"})
def looks_around() -> Around:
    return Around(os.environ.get("OF_THE_TASK", ""), sys.prefix, os.getpid() == IMPORTED_BY)


@workflow
def surroundings() -> Around:
    return looks_around()


@task
def writes_here(text: str) -> str:
    Path("words.txt").write_text(text)
    return Path("words.txt").read_text()


@workflow
def relative_path(text: str = "words") -> str:
    return writes_here(text=text)


@task
def numbered() -> dict[str, int]:
    return {f"key {number}": number for number in range(40)}


@task
def is_kept(numbers: dict[str, int]) -> bool:
    assert sorted(numbers.values()) == list(range(40))
    return list(numbers.values()) == list(range(40))


@workflow
def key_order() -> bool:
    return is_kept(numbers=numbered())


@dataclass
class Settings:
    steps: list[int]
    label: str


class Values(NamedTuple):
    nothing: float
    endless: float
    long: str
    settings: Settings


@task
def makes() -> Values:
    return Values(math.nan, math.inf, "x" * 12_000_000, Settings([1, 2, 3], "é"))


@task
def double(number: int) -> int:
    return 2 * number


class Arrived(NamedTuple):
    is_nan: bool
    is_infinite: bool
    length: int
    label: str


@task
def looks(nothing: float, endless: float, long: str, settings: Settings) -> Arrived:
    return Arrived(math.isnan(nothing), math.isinf(endless), len(long), settings.label)


class Types(NamedTuple):
    is_nan: bool
    is_infinite: bool
    length: int
    label: str
    doubled: list[int]


@workflow
def types() -> Types:
    made = makes()
    found = looks(nothing=made.nothing, endless=made.endless, long=made.long, settings=made.settings)
    doubled = map_task(double)(number=made.settings.steps)
    return Types(found.is_nan, found.is_infinite, found.length, found.label, doubled)
