"""What typecheck cannot check, and says so; each line ends in `# unchecked`."""

from flytekit import conditional, eager, map_task, reference_launch_plan, reference_task, task, workflow

ELSEWHERE = {"project": "elsewhere", "domain": "development", "version": "1"}


@task
def one() -> int:
    return 1


@reference_task(name="elsewhere.double", **ELSEWHERE)
def double(number: int) -> int: ...


@reference_launch_plan(name="elsewhere.plan", **ELSEWHERE)
def plan(number: int, other: int) -> int:
    return 0


@workflow
def references(number: int = 1) -> int:
    first = double(number=one())  # unchecked
    plan(number=first, other=2)  # unchecked
    map_task(double)(number=[1, 2])  # unchecked
    return (
        conditional("either")
        .if_(number > 1)
        .then(double(number=number))  # unchecked
        .else_()
        .then(one())
    )


@task
def double_or_not(number: int) -> int:
    return number


@workflow(on_failure=double)
def with_handler(number: int) -> int:  # unchecked
    return double_or_not(number=number)


@eager
async def at_run_time(number: int = 1) -> int:  # unchecked
    return one()
