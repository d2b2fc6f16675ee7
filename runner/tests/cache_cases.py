"""Cached tasks and workflows for test_cache.py; they are run in processes that have no pytest."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from flytekit import Cache, StructuredDataset, current_context, dynamic, map_task, task, workflow
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile

V1 = Cache(version="1")


@dataclass
class Holder:
    label: str
    data: StructuredDataset


@task(cache=V1)
def number(x: int) -> int:
    return x


def frame(x: int) -> pd.DataFrame:
    return pd.DataFrame({"x": [x]})


@task(cache=V1)
def stored(x: int) -> pd.DataFrame:
    return frame(x)


@task(cache=V1)
def listed(x: int) -> list[pd.DataFrame]:
    return [frame(x)]


@task(cache=V1)
def optional(x: int) -> pd.DataFrame | None:
    return frame(x)


@task(cache=V1)
def held(x: int) -> Holder:
    return Holder("/no/such/file", StructuredDataset(frame(x)))


@task(cache=V1)
def filed(x: int) -> FlyteFile:
    file = Path(current_context().working_directory, "file.txt")
    file.write_text(str(x))
    return FlyteFile(str(file))


@task(cache=V1)
def empty(x: int) -> FlyteDirectory:
    folder = Path(current_context().working_directory, "empty")
    folder.mkdir()
    return FlyteDirectory(str(folder))


@task
def reads_folder(data: FlyteDirectory) -> int:
    return len(list(Path(data).iterdir()))


@task
def reads_frame(data: pd.DataFrame) -> int:
    return len(data)


@task
def reads_frames(data: list[pd.DataFrame]) -> int:
    return len(data[0])


@task
def reads_optional(data: pd.DataFrame | None) -> int:
    return 0 if data is None else len(data)


@task
def reads_held(data: Holder) -> int:
    return len(data.data.open(pd.DataFrame).all())


@task(cache=V1)
def reads_file(data: FlyteFile) -> int:
    return int(Path(data.download()).read_text())


@workflow
def numbers(x: int) -> int:
    return number(x=x)


@workflow
def an_empty_folder(x: int) -> int:
    return reads_folder(data=empty(x=x))


@workflow
def a_frame(x: int) -> int:
    return reads_frame(data=stored(x=x))


@workflow
def a_given_frame(data: pd.DataFrame) -> int:
    return reads_frame(data=data)


@workflow
def a_list(x: int) -> int:
    return reads_frames(data=listed(x=x))


@workflow
def an_optional(x: int) -> int:
    return reads_optional(data=optional(x=x))


@workflow
def a_holder(x: int) -> int:
    return reads_held(data=held(x=x))


@workflow
def a_file(x: int) -> int:
    return reads_file(data=filed(x=x))


@workflow
def given(file: FlyteFile) -> int:
    return reads_file(data=file)


@dynamic(cache=V1)
def several(x: int) -> int:
    first, _, _ = (number(x=x + i) for i in range(3))
    return first


@workflow
def grown(x: int) -> int:
    return several(x=x)


@workflow
def mapped(numbers: list[int]) -> list[int]:
    return map_task(number)(x=numbers)


@task(cache=V1)
def fails(x: int) -> int:
    raise ValueError(x)
    return x


@workflow
def failing(x: int) -> int:
    return fails(x=x)


@task(cache=Cache(version="1", ignored_inputs="workers"))
def ignores(x: int, workers: int) -> int:
    return x


@workflow
def ignoring(x: int, workers: int) -> int:
    return ignores(x=x, workers=workers)


@task(cache=Cache(version="1", serialize=True))
def slow(x: int) -> int:
    """Which process has computed it."""
    time.sleep(1)
    return os.getpid()


@task(cache=V1)
def slow_without(x: int) -> int:
    time.sleep(1)
    return os.getpid()


@workflow
def at_a_time(x: int) -> tuple[int, int]:
    return slow(x=x), slow(x=x)


@workflow
def at_a_time_without(x: int) -> tuple[int, int]:
    return slow_without(x=x), slow_without(x=x)
