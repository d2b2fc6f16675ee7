"""Several tasks: their order, members of a map task, what fails and what goes on."""

import itertools
import time

from flytekit import Cache, map_task, task, workflow
from flytekit.core.workflow import WorkflowFailurePolicy
from flytekit.types.error import FlyteError


@task
def span(seconds: float) -> list[float]:
    """When it started and when it ended."""
    started = time.time()
    time.sleep(seconds)
    return [started, time.time()]


@task
def follow_each_other(spans: list[list[float]]) -> bool:
    """Whether no two of the spans overlap."""
    return all(before[1] <= after[0] for before, after in itertools.pairwise(sorted(spans)))


@task
def is_before(first: list[float], second: list[float]) -> bool:
    return first[1] <= second[0]


@workflow
def order() -> bool:
    """The line that comes second runs first."""
    later = span(seconds=0.5)
    earlier = span(seconds=0.5)
    earlier >> later
    return is_before(first=earlier, second=later)


@workflow
def map_concurrency() -> bool:
    return follow_each_other(spans=map_task(span, concurrency=1)(seconds=[0.5, 0.5, 0.5]))


@task
def odd_fails(number: int) -> int:
    if number % 2:
        raise ValueError(f"odd {number}")
    return number


@task
def places_of_none(found: list[int | None]) -> list[int]:
    return [place for place, number in enumerate(found) if number is None]


@workflow
def partly_failed_map(numbers: list[int] = [0, 1, 2, 3]) -> list[int]:  # noqa: B006
    return places_of_none(found=map_task(odd_fails, min_success_ratio=0.5)(number=numbers))


@workflow
def failed_map(numbers: list[int] = [0, 1, 2, 3]) -> list[int]:  # noqa: B006
    return map_task(odd_fails)(number=numbers)


@task
def fails() -> int:
    raise ValueError("on purpose")
    return 1


@task
def needs_fn0(err: FlyteError | None = None) -> int:
    """Fails unless the error names the handler's own node: an error of the handler is then reported, too."""
    if err is None or err.failed_node_id != "fn0":
        raise ValueError(f"the error names {err and err.failed_node_id}")
    return 1


@workflow(on_failure=needs_fn0)
def handler() -> int:
    return fails()


@task
def passes(number: int) -> int:
    return number


@task
def fails_later(number: int) -> int:
    raise ValueError(f"later, after {number}")
    return number


@workflow(failure_policy=WorkflowFailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE)
def failure_policy() -> tuple[int, int]:
    """The second branch goes on when the first has failed."""
    return fails(), fails_later(number=passes(number=passes(number=1)))


@task(cache=Cache(version="1"))
def stamped(name: str, after: float) -> float:
    """The moment at which it is computed; `after` is when, the same for all calls of one execution."""
    return time.time()


@task
def now() -> float:
    return time.time()


@task
def is_equal(one: float, other: float) -> bool:
    return one == other


@workflow
def cache() -> bool:
    """A call with inputs that another call has had gets the value of that one."""
    moment = now()
    first = stamped(name="same", after=moment)
    second = stamped(name="same", after=moment)
    first >> second
    return is_equal(one=first, other=second)
