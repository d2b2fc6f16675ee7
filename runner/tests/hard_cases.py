"""Workflows with values and calls that recording and running once stumbled over."""

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from flytekit import LaunchPlan, StructuredDataset, dynamic, map_task, task, workflow
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile


@dataclass
class Inner:
    names: dict[str, int]
    tags: list[str]


@dataclass
class Packed:
    raw: bytes
    by_number: dict[int, str]
    inner: Inner
    many: list[Inner]
    nothing: int | None
    ratio: float
    count: int


@task
def pack(ratio: float = 0.7) -> Packed:
    inner = Inner({"a": 1, "é": 2}, ["x", "y"])
    return Packed(b"\xff\x00", {1: "one"}, inner, [inner, inner], None, ratio, 3)


@task
def up(tag: str) -> str:
    return tag.upper()


@task
def tags_of(one: Inner) -> list[str]:
    return one.tags


@task
def all_of(number: int, name: str, listed: list[str], one: Inner, keyed: dict[str, float], nothing: int | None) -> str:
    return f"{number} {name} {listed} {one.tags} {keyed} {nothing}"


@workflow
def mapped_within(tags: list[str]) -> list[str]:
    return map_task(up)(tag=tags)


mapped_plan = LaunchPlan.get_or_create(mapped_within, "hard_mapped_plan")


@dynamic
def drawn(tags: list[str]) -> list[list[str]]:
    return [mapped_plan(tags=tags) for _ in range(2)]


@workflow
def parts() -> tuple[str, list[str], list[str], list[list[str]], float, list[list[str]]]:
    """Parts of a data class in every position: input, list, dictionary, sub-workflow, map task, output."""
    found = pack()
    told = all_of(
        number=found.inner.names["é"],
        name=found.by_number[1],
        listed=[found.inner.tags[0], found.many[1].tags[1]],
        one=found.many[0],
        keyed={"ratio": found.ratio},
        nothing=found.nothing,
    )
    tags = found.inner.tags
    return told, tags, mapped_within(tags=tags), map_task(tags_of)(one=found.many), found.ratio, drawn(tags=tags)


@workflow
def missing_part() -> str:
    return up(tag=pack().inner.tags[7])


@workflow(on_failure=up)
def missing_part_of_an_output(tag: str = "handled") -> str:
    return pack().inner.tags[7]


@task
def word(text: str) -> str:
    return text


@task
def lengths(words: list[str]) -> dict[int, float]:
    return {len(text): math.nan for text in words}


@task
def longest(found: dict[int, float]) -> int:
    return max(found)


@workflow
def int_keys(words: list[str] = ["a", "abc"]) -> tuple[int, dict[int, float]]:
    found = lengths(words=words)
    return longest(found=found), found


@workflow
def of_another_type() -> list[str]:
    return map_task(longest)(found=[{1: 0.5}])


@workflow
def of_any_type(values: dict[str, Any]) -> str:
    return word(text="never")


@task
def nothing_like_it(number: float) -> float:
    return -number


@workflow
def not_finite(number: float = math.inf) -> tuple[float, float]:
    return nothing_like_it(number=number), number


@task
def coloured() -> str:
    print("\x1b[2Jprinted", flush=True)
    return "\x1b[31mred\x1b[0m \u202e"


@workflow
def in_colours() -> str:
    return coloured()


class Thing:
    """Python says of it where it is in memory, and no more."""


@task
def thing() -> Thing:
    return Thing()


@task
def table() -> StructuredDataset:
    return StructuredDataset(dataframe=pd.DataFrame({"a": [1]}))


@task
def several() -> list[FlyteFile]:
    path = Path(tempfile.mkdtemp()) / "several.txt"
    path.write_text("several")
    return [FlyteFile(str(path))]


@task
def folder() -> FlyteDirectory:
    path = Path(tempfile.mkdtemp())
    (path / "in.txt").write_text("in a folder")
    return FlyteDirectory(str(path))


@task
def relative() -> FlyteFile:
    with open("words.txt", "w") as file:
        file.write("a b c")
    return FlyteFile("words.txt")


@task
def count(words: FlyteFile) -> int:
    return len(Path(words).read_text().split())


@task
def same(file: FlyteFile) -> FlyteFile:
    return file


@workflow
def handed_on(
    file: FlyteFile = FlyteFile("https://example.org/a.csv"),  # noqa: B008  as examples have it
) -> tuple[FlyteFile, list[FlyteFile]]:
    found = same(file=file)
    return found, [found]


@workflow
def stored() -> tuple[Thing, StructuredDataset, list[FlyteFile], FlyteDirectory, FlyteFile, int]:
    words = relative()
    return thing(), table(), several(), folder(), words, count(words=words)


class BadlyMade:
    """A class that fails at saying what it is; it arrives as a pickle."""

    def __repr__(self) -> str:
        raise RuntimeError("no words")


@task
def badly_made() -> BadlyMade:
    return BadlyMade()


@workflow
def without_words() -> BadlyMade:
    return badly_made()


@task
def numbered() -> dict[str, int]:
    return {f"key {number}": number for number in range(40)}


@task
def keys_of(numbers: dict[str, int]) -> str:
    return " ".join(str(number) for number in numbers.values())


@workflow
def in_order() -> str:
    return keys_of(numbers=numbered())
