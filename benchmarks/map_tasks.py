"""What a member of a map task costs in the local executor, against a plain loop and a dynamic workflow.

    projects/map-tasks/.venv/bin/python benchmarks/map_tasks.py [--rounds 5]

The task does nothing, so that what is measured is the calling. Prints the median milliseconds per item
for 1 to 1,000 items, measured in turns within one process, after one call of each that is not counted.
"""

import argparse
import statistics
import time

from flytekit import dynamic, map_task, task, workflow

SIZES = (1, 10, 100, 1000)


@task
def nothing(x: int) -> int:
    return x


@workflow
def mapped(numbers: list[int]) -> list[int]:
    return map_task(nothing)(x=numbers)


@dynamic
def unrolled(numbers: list[int]) -> list[int]:
    return [nothing(x=number) for number in numbers]


@workflow
def drawn(numbers: list[int]) -> list[int]:
    return unrolled(numbers=numbers)


def loop(numbers: list[int]) -> list[int]:
    return [nothing.task_function(number) for number in numbers]


CONTESTANTS = {"plain loop": loop, "map task": mapped, "dynamic workflow": drawn}


def milliseconds(name: str, numbers: list[int]) -> float:
    start = time.perf_counter()
    CONTESTANTS[name](numbers=numbers)
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(f"{'items':>6}" + "".join(f"{name + ', ms an item':>30}" for name in CONTESTANTS))
    for size in SIZES:
        numbers = list(range(size))
        taken: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
        for number in range(rounds + 1):
            for name in CONTESTANTS:
                one = milliseconds(name, numbers)
                if number:
                    taken[name].append(one / size)
        print(f"{size:>6}" + "".join(f"{statistics.median(values):>30.4f}" for values in taken.values()), flush=True)


if __name__ == "__main__":
    main()
