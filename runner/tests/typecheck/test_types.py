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


@dataclass
class Point:
    x: int
    y: int


@dataclass
class Route:
    start: Point


class Unknown:
    pass


X = kwtypes(x=int)
XY = kwtypes(x=int, y=float)
Schema = FlyteSchema[X]
WideSchema = FlyteSchema[XY]
Csv = Annotated[StructuredDataset, "csv"]


def flyte(python_type):
    return TypeEngine.to_literal_type(python_type).to_flyte_idl()


# Whether the first may be given for the second, where no cluster was asked about it: see test_connections.py.
UNRECORDED = [
    (type(None), int | None, True),
    (type(None), int, False),
    (type(None), pd.DataFrame, True),
    (Color, Paint, True),
    (str, Color | str, False),  # ambiguous: a text may be either
    (Csv, StructuredDataset, True),
    (Csv, Annotated[StructuredDataset, "parquet"], False),
    (Csv, Schema, False),
    (WideSchema, Schema, True),
    (Schema, WideSchema, False),
    (WideSchema, Annotated[pd.DataFrame, X], True),
    (Schema, Annotated[pd.DataFrame, XY], False),
    (Annotated[pd.DataFrame, XY], Schema, True),
]


@pytest.mark.parametrize(("given", "wanted", "fits"), UNRECORDED)
def test_what_fits(given, wanted, fits):
    assert castable(flyte(given), flyte(wanted)) is fits


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
