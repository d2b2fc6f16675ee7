"""Measures a trial of the ray lesson's search: with Ray, and serially in one process.

    make benchmark PROJECT=ray ARGS='--rounds 3 --csv TABLE.csv'

Prints the median milliseconds for each trial (of three folds), for 4 to 256 trials. Each round runs three methods in
turns: serially; with Ray, from the start of a cluster of two processes to its end; and with Ray while that cluster
runs, with warm processes. One trial before all rounds does not count. At the end, the benchmark prints the cost of a
call that does nothing. With --csv, the table is also written for benchmarks/plot.py.
"""

import argparse
import csv
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "projects" / "ray"))
import ray
from ray_lesson import trials
from ray_lesson.own_cluster import own_cluster
from ray_lesson.trials import Candidate
from workshop import penguins

SIZES = (4, 16, 64, 256)
SERIAL, STARTED, RUNNING = "serial", "Ray, cluster started for it", "Ray, cluster running"
DATA = penguins.load_measured()
CALLS = 1000


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def serially(candidates: list[Candidate]) -> None:
    for candidate in candidates:
        trials.score(candidate, DATA, folds=3)


def with_ray(candidates: list[Candidate]) -> None:
    score, data = ray.remote(trials.score), ray.put(DATA)
    ray.get([score.remote(candidate, data, 3) for candidate in candidates])


def one_round(candidates: list[Candidate]) -> dict[str, float]:
    """The milliseconds of each method."""
    taken = {SERIAL: milliseconds(lambda: serially(candidates))}

    def all_of_it() -> None:
        with own_cluster(cores=2):
            with_ray(candidates)
            taken[RUNNING] = milliseconds(lambda: with_ray(candidates))

    taken[STARTED] = milliseconds(all_of_it) - taken[RUNNING]
    return taken


def empty_call() -> float:
    """The milliseconds of a call that does nothing, on a running cluster."""
    with own_cluster(cores=2):
        nothing = ray.remote(lambda: None)

        def calls() -> None:
            ray.get([nothing.remote() for _ in range(CALLS)])

        calls()
        return milliseconds(calls) / CALLS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--csv", type=Path, metavar="TABLE.csv")
    options = parser.parse_args()
    serially(trials.draw(1, seed=0))
    names, rows = (SERIAL, STARTED, RUNNING), []
    print(f"{'trials':>6}" + "".join(f"{name + ', ms a trial':>42}" for name in names))
    for size in SIZES:
        candidates = trials.draw(size, seed=0)
        rounds = [one_round(candidates) for _ in range(options.rounds)]
        rows.append([size, *(round(statistics.median(taken[name] for taken in rounds) / size, 1) for name in names)])
        print(f"{size:>6}" + "".join(f"{value:>42.1f}" for value in rows[-1][1:]), flush=True)
    print(f"a call that does nothing, Ray, cluster running: {empty_call():.2f} ms")
    if options.csv:
        with open(options.csv, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["trials", *names], *rows])


if __name__ == "__main__":
    main()
