"""Inputs that lie in a file: JSON and YAML, files and folders themselves, data frames, whatever flytekit can read."""

import contextlib
import json
import os
import re
import reprlib
from collections.abc import Callable
from pathlib import Path, PurePath
from types import SimpleNamespace
from typing import Any

import rich_click as click
import yaml
from flytekit import FlyteContextManager, StructuredDataset
from flytekit.core.type_engine import TypeEngine
from flytekit.interaction.click_types import literal_type_to_click_type
from flytekit.models.core.types import BlobType
from flytekit.models.types import LiteralType
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile

BlobDimensionality = BlobType.BlobDimensionality
NAMES = {FlyteFile: "file", FlyteDirectory: "folder", StructuredDataset: "data frame (.parquet, .csv or a folder)"}
SHOWN = 200  # characters of a value in a message


class Unfit(ValueError):
    """What is wrong with a value, in one line."""


def shown(value: Any) -> str:
    """A value in a message: in quotes if it is text, control characters escaped, and not too long."""
    short = reprlib.Repr()
    short.maxstring = short.maxother = SHOWN
    try:
        return short.repr(value)
    except ValueError:  # an integer of thousands of digits
        return "a number of thousands of digits"


def parsed(text: str, wanted: str) -> Any:
    """The value that JSON stands for, or that is in the JSON or YAML file of this name; raises Unfit."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if text.endswith((".json", ".yaml", ".yml")):
            return in_file(Path(text))
    raise Unfit(f"{shown(text)} is not a valid {wanted}, nor the name of a JSON or YAML file")


class Numbers(yaml.SafeLoader):
    """Reads 1e-3 as a number, as YAML 1.2 does; PyYAML would take it for a text."""


Numbers.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?\d+[eE][-+]?\d+$"), [*"-+0123456789"])


def in_file(file: Path) -> Any:
    """The value in a JSON or YAML file; raises Unfit."""
    try:
        text = file.read_text(encoding="utf-8")
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(text)  # not all JSON is YAML: NaN, and how JSON writes characters that are no ASCII
        return yaml.load(text, Numbers)  # noqa: S506  (it is a safe loader)
    except OSError as error:
        raise Unfit(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Unfit(f"{file} is not UTF-8 text") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unfit(f"{file} is neither JSON nor YAML: {brief(error)}") from None


def read(kind: Any, value: Any, remote: bool) -> Any:
    """A value of a type that flytekit reads: a file, a folder, a data frame, or a type of somebody's own.

    Args:
        kind: the type.
        value: what is given; of a file its name.
        remote: whether it is for a cluster, which gets a copy of a file.

    Raises:
        Unfit: flytekit does not read it, or Flyte cannot hold it.
    """
    literal_type = TypeEngine.to_literal_type(kind)
    if literal_type.structured_dataset_type:
        return frame(place(value, os.path.exists, NAMES[StructuredDataset]), remote)
    if literal_type.blob and issubclass_of(kind, os.PathLike) and not issubclass_of(kind, PurePath):
        # A cluster gets a copy (None: of a name that Flyte chooses); on this machine the file is used where it is.
        if literal_type.blob.dimensionality == BlobDimensionality.SINGLE:
            return FlyteFile(place(value, os.path.isfile, NAMES[FlyteFile]), remote_path=None if remote else False)
        found = place(value, os.path.isdir, NAMES[FlyteDirectory])
        return FlyteDirectory(found, remote_directory=None if remote else False)
    return by_flytekit(kind, literal_type, value)


def place(value: Any, is_there: Callable[[str], bool], wanted: str) -> str:
    """The path or the address of stored data; raises Unfit if it is not on this machine, where it should be."""
    if not isinstance(value, str) or not ("://" in value or ("\0" not in value and is_there(value))):
        raise Unfit(f"{shown(value)} is not the name of a {wanted}")
    return value if "://" in value else str(Path.cwd() / value)  # a task has a working folder of its own


def frame(place: str, remote: bool) -> StructuredDataset:
    """The data frame that lies somewhere."""
    if "://" in place or not (remote or place.endswith(".csv")):
        return StructuredDataset(uri=place)
    import pandas

    try:
        return StructuredDataset(dataframe=(pandas.read_csv if place.endswith(".csv") else pandas.read_parquet)(place))
    except Exception as error:
        raise Unfit(f"{place} is not a {NAMES[StructuredDataset]}: {brief(error)}") from None


def by_flytekit(kind: Any, literal_type: LiteralType, value: Any) -> Any:
    """A value as `pyflyte run` reads it."""
    local = click.Context(click.Command("run"), obj=SimpleNamespace(is_remote=False, verbose=0))
    name = getattr(kind, "__name__", str(kind))
    try:
        found = kind(value) if issubclass_of(kind, PurePath) else None
        found = found or literal_type_to_click_type(literal_type, kind).convert(value, None, local)
        TypeEngine.to_literal(FlyteContextManager.current_context(), found, kind, literal_type)
    except Exception as error:
        raise Unfit(f"{shown(value)} is not a valid {name}: {brief(error)}") from None
    if isinstance(kind, type) and not isinstance(found, kind):
        raise Unfit(f"{shown(value)} is not a valid {name}, which cannot be given in words")
    return found


def brief(error: Exception) -> str:
    """What an error says, in one line that is not too long."""
    return " ".join(str(error).split())[:SHOWN] or type(error).__name__


def issubclass_of(kind: Any, parent: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, parent)
