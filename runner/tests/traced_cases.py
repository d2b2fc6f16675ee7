"""Workflows whose values are easily mixed up, for the tests of where values come from."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from flytekit import Cache, conditional, current_context, dynamic, map_task, task, workflow
from flytekit.types.error import FlyteError
from flytekit.types.file import FlyteFile


@dataclass
class Fit:
    score: int
    names: list[str]


class Both(NamedTuple):
    left: int
    right: int


@task
def one() -> int:
    return 1


@task
def ones() -> list[int]:
    return [1, 1]


@task
def both() -> Both:
    return Both(left=1, right=1)


@task
def fit(x: int) -> Fit:
    return Fit(score=x, names=["a", "b"])


@task
def add(x: int, y: int) -> int:
    return x + y


@task
def total(numbers: list[int]) -> int:
    return sum(numbers)


@workflow
def equal(x: int = 1, y: int = 1) -> tuple[int, int, int, int]:
    """Every value in it is 1."""
    first, second = one(), one()
    left, right = both()
    return add(x=first, y=second), add(x=right, y=left), add(x=y, y=1), total(numbers=[second, x, first, 1])


@workflow
def parts() -> tuple[int, int, int]:
    numbers = ones()
    fitted = fit(x=numbers[1])
    return fitted.score, add(x=numbers[0], y=fitted.score), total(numbers=numbers)


@workflow
def inner(x: int, y: int = 1) -> int:
    return add(x=one(), y=add(x=x, y=y))


@workflow
def nested(x: int = 1) -> int:
    return inner(x=one())


@workflow
def chosen(x: int = 1) -> int:
    first, second = one(), one()
    return conditional("sign").if_(x > 0).then(add(x=first, y=x)).else_().then(add(x=x, y=second))


@dynamic
def grow(count: int, data: pd.DataFrame) -> int:
    return total(numbers=[rows(data=data) for _ in range(count)])


@task
def rows(data: pd.DataFrame) -> int:
    return len(data)


@task(cache=Cache(version="1"))
def table(length: int) -> pd.DataFrame:
    return pd.DataFrame({"x": range(length)})


@workflow
def growing(length: int = 3) -> int:
    return grow(count=2, data=table(length=length))


@workflow
def mapped() -> int:
    return total(numbers=map_task(fit_score)(x=ones()))


@task
def fit_score(x: int) -> int:
    return x


@task
def copy(file: FlyteFile) -> FlyteFile:
    target = Path(current_context().working_directory) / "copy.txt"
    target.write_text(Path(file.download()).read_text())
    return FlyteFile(str(target))


@task
def fails(file: FlyteFile) -> int:
    raise ValueError(file.path)
    return 1


@workflow
def failing(file: FlyteFile) -> int:
    return fails(file=copy(file=file))


@workflow
def counted(length: int = 3) -> int:
    return rows(data=table(length=length))


@task
def close(x: int, err: FlyteError | None = None):
    print(x, err)


@task
def refuse(x: int) -> int:
    if x:
        raise ValueError("on purpose")
    return x


@workflow(on_failure=close)
def closed(x: int = 1) -> int:
    return refuse(x=x)
