"""Measures an item of a map task in the local executor, against a plain loop and a dynamic workflow.

    make benchmark PROJECT=map-tasks ARGS='--rounds 5 --csv TABLE.csv'

The task does nothing, so that the benchmark measures the call only. Prints the median milliseconds for each item, for 1
to 1,000 items. All methods run in turns in one process, after one call of each that does not count. With --csv, the
table is also written for benchmarks/plot.py.
"""

import argparse
import os
import statistics
import time

import pandas as pd
from flytekit import FlyteContextManager, dynamic, map_task, task, workflow

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
    # flytekit removes folders in finalizers, which drop the exception of a Ctrl-C.
    FlyteContextManager.add_signal_handler(lambda number, _: os._exit(128 + number))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--csv", metavar="TABLE.csv")
    options = parser.parse_args()
    table = pd.DataFrame(columns=list(CONTESTANTS), index=pd.Index([], name="items"))
    print(f"{'items':>6}" + "".join(f"{name + ', ms an item':>30}" for name in CONTESTANTS))
    for size in SIZES:
        numbers = list(range(size))
        taken: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
        for number in range(options.rounds + 1):
            for name in CONTESTANTS:
                one = milliseconds(name, numbers)
                if number:
                    taken[name].append(one / size)
        table.loc[size] = [statistics.median(values) for values in taken.values()]
        print(f"{size:>6}" + "".join(f"{value:>30.4f}" for value in table.loc[size]), flush=True)
    if options.csv:
        table.to_csv(options.csv, float_format="%.6f")


if __name__ == "__main__":
    main()
