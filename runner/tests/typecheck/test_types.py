"""What typecheck compares: the rules of Flyte's compiler, types in words, the types of constants."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated

import pandas as pd
import pytest
from flytekit import FlyteContextManager, StructuredDataset, kwtypes
from flytekit.core.type_engine import TypeEngine
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile
from flytekit.types.schema import FlyteSchema

from runner.graph.words import words
from runner.typecheck.casts import castable
from runner.typecheck.literals import type_of


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Paint(Enum):
    RED = "red"
    BLUE = "blue"


class Size(Enum):
    SMALL = "small"


@dataclass
class Point:
    x: int
    y: int


@dataclass
class Place(Point):
    name: str


@dataclass
class Spot:
    x: int
    y: int


@dataclass
class Route:
    start: Point


@dataclass
class Trip:
    start: Place


@dataclass
class Points:
    all: list[Point]


@dataclass
class Places:
    all: list[Place]


@dataclass
class Floats:
    x: float
    y: float


class Unknown:
    pass


X = kwtypes(x=int)
XY = kwtypes(x=int, y=float)
Schema = FlyteSchema[X]
WideSchema = FlyteSchema[XY]


def flyte(python_type):
    return TypeEngine.to_literal_type(python_type).to_flyte_idl()


FITTING = [
    (int, int),
    (list[int], list[int]),
    (dict[str, list[int]], dict[str, list[int]]),
    (int, int | None),
    (type(None), int | None),
    (int | None, int | str | None),
    (list[int], list[int] | str),
    (Color, str),
    (str, Color),
    (Color, Paint),
    (Point, Point),
    (Point, Spot),
    (Place, Point),
    (Trip, Route),
    (Places, Points),
    (Point, dict),
    (dict, Point),
    (pd.DataFrame, StructuredDataset),
    (pd.DataFrame, Annotated[pd.DataFrame, X]),
    (Annotated[pd.DataFrame, XY], Annotated[pd.DataFrame, X]),
    (Annotated[pd.DataFrame, XY], pd.DataFrame),
    (Annotated[StructuredDataset, "csv"], StructuredDataset),
    (type(None), pd.DataFrame),
    (WideSchema, Schema),
    (WideSchema, Annotated[pd.DataFrame, X]),
    (Annotated[pd.DataFrame, XY], Schema),
    (FlyteFile["csv"], FlyteFile),
    (FlyteFile, FlyteFile["csv"]),
    (Unknown, FlyteFile),
]

NOT_FITTING = [
    (int, str),
    (int, float),
    (bool, int),
    (datetime, str),
    (int, list[int]),
    (list[int], int),
    (list[int], list[str]),
    (list[list[int]], list[int]),
    (dict[str, int], dict[str, str]),
    (dict[str, int], list[int]),
    (int | None, int),
    (type(None), int),
    (int | str, int | float),
    (float, int | str),
    (str, Color | str),  # ambiguous: a text may be either
    (Color, Size),
    (int, Color),
    (Point, Place),
    (Point, Floats),
    (Route, Trip),
    (Points, Places),
    (Point, int),
    (Annotated[pd.DataFrame, X], Annotated[pd.DataFrame, XY]),
    (Annotated[pd.DataFrame, kwtypes(x=str)], Annotated[pd.DataFrame, X]),
    (Annotated[StructuredDataset, "csv"], Annotated[StructuredDataset, "parquet"]),
    (Annotated[StructuredDataset, "csv"], Schema),
    (Schema, WideSchema),
    (Schema, Annotated[pd.DataFrame, XY]),
    (int, pd.DataFrame),
    (pd.DataFrame, FlyteFile),
    (FlyteFile["csv"], FlyteFile["png"]),
    (FlyteFile["csv"], Unknown),
    (FlyteDirectory, FlyteFile),
    (FlyteFile, FlyteDirectory),
    (str, FlyteFile),
]


def named(pairs):
    return [pytest.param(*pair, id=" into ".join(words(flyte(end)) for end in pair)) for pair in pairs]


@pytest.mark.parametrize(("given", "wanted"), named(FITTING))
def test_fits(given, wanted):
    assert castable(flyte(given), flyte(wanted))


@pytest.mark.parametrize(("given", "wanted"), named(NOT_FITTING))
def test_does_not_fit(given, wanted):
    assert not castable(flyte(given), flyte(wanted))


@pytest.mark.parametrize(
    ("python_type", "expected"),
    [
        (dict[str, list[int | None]], "dict[str, list[int | None]]"),
        (Color, "enum (red, blue)"),
        (Route, "Route (start: Point (x: int, y: int))"),
        (dict, "dict"),
        (Point | None, "Point | None"),
        (FlyteFile["csv"], "file of format csv"),
        (FlyteDirectory, "directory"),
        (Annotated[StructuredDataset, XY, "csv"], "data frame stored as csv (x: int, y: float)"),
        (WideSchema, "data frame stored as parquet (x: int, y: float)"),
        (Unknown, "test_types.Unknown (pickled)"),
    ],
)
def test_words(python_type, expected):
    assert words(flyte(python_type)) == expected


@pytest.mark.parametrize(
    ("value", "python_type", "expected"),
    [
        (1.5, float, "float"),
        (True, bool, "bool"),
        (datetime(2026, 1, 1), datetime, "datetime"),
        (Color.RED, Color, "str"),
        (Point(1, 2), Point, "dict"),
        ([1, 2], list[int], "list[int]"),
        ([], list[int], "list[None]"),
        ({"a": [1]}, dict[str, list[int]], "dict[str, list[int]]"),
        ([1, None], list[int | None], "list[int | None]"),
        (None, int | None, "None"),
    ],
)
def test_the_type_of_a_constant(value, python_type, expected):
    context = FlyteContextManager.current_context()
    literal = TypeEngine.to_literal(context, value, python_type, TypeEngine.to_literal_type(python_type))
    assert words(type_of(literal.to_flyte_idl())) == expected
    assert castable(type_of(literal.to_flyte_idl()), flyte(python_type))
