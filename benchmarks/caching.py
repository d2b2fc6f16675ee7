"""Measures the content hash of a data frame, against writing the frame as Parquet and pandas' own row hashes.

It also measures the hash of the written file, which the record of a run keeps.

    make setup PROJECT=caching
    projects/caching/.venv/bin/python benchmarks/caching.py [--rows 10000000] [--rounds 3] [--csv TABLE.csv]

The frame has two float columns, one column of integers, one of text and one of categories. The methods run in turns.
Prints the median seconds and the ratio to Parquet. Parquet is written as flytekit writes it between tasks, with the
defaults of pandas. 10 million rows need about 3 GB of memory and 300 MB in the temporary folder. With --csv, the table
is also written for benchmarks/plot.py.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from workshop import penguins
from workshop.hashes import hash_frame

from runner.records.data import stored


def measurements(rows: int) -> pd.DataFrame:
    """Creates `rows` penguins from a seed: two measures, a number, and the species as text and as category."""
    random = np.random.default_rng(0)
    species = pd.Categorical.from_codes(random.integers(0, 3, rows), list(penguins.SPECIES))
    return pd.DataFrame(
        {
            "bill_length_mm": random.normal(44, 5, rows),
            "body_mass_g": random.normal(4200, 800, rows).round(),
            "band": random.integers(0, 1_000_000, rows),
            "species": species.astype("str"),
            "class": species,
        }
    )


def in_turns(frame: pd.DataFrame, folder: Path, rounds: int) -> dict[str, float]:
    """The median seconds of each method."""
    contestants = {
        "hash_frame": lambda: hash_frame(frame),
        "Parquet": lambda: frame.to_parquet(folder / "frame.parquet"),
        "SHA-256 of the file": lambda: stored("frame.parquet", folder),
        "hash_pandas_object": lambda: pd.util.hash_pandas_object(frame),
    }
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            start = time.perf_counter()
            contestant()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--csv", metavar="TABLE.csv")
    options = parser.parse_args()
    table = {}
    for rows in (options.rows // 1000, options.rows // 10, options.rows):
        with tempfile.TemporaryDirectory() as folder:
            table[rows] = in_turns(measurements(rows), Path(folder), options.rounds)
        told = (f"{name} {taken:.3f} s ({taken / table[rows]['Parquet']:.2f})" for name, taken in table[rows].items())
        print(f"{rows:>12,} rows: {', '.join(told)}", flush=True)
    if options.csv:
        pd.DataFrame.from_dict(table, orient="index").rename_axis("rows").to_csv(options.csv, float_format="%.6f")


if __name__ == "__main__":
    main()
