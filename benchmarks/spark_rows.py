"""Measures rows a second of Spark against pandas: the same features and aggregates, from the same Parquet files.

    make benchmark PROJECT=spark ARGS='--rounds 3 --millions 0.1 1 5 20 --csv TABLE.csv'

For each size, the benchmark creates the penguins of the spark lesson once. Then pandas and Spark read, compute and
aggregate them, each in its own process and one after the other. Prints medians over the rounds. "Spark" has been
started and has run the same work before. "Spark from its start" is the first run of a new process, as for a task on a
cluster. The memory is the peak of the largest process. The benchmark fails if the two results differ.
"""

import argparse
import csv
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

LESSON = Path(__file__).resolve().parents[1] / "projects" / "spark"
SIZES = [0.1, 1, 5, 20]
COLUMNS = ("million rows", "pandas", "Spark", "Spark from its start")


def by_pandas(folder: str) -> pd.DataFrame:
    data = pd.read_parquet(folder)
    means = data.groupby("species")["body_mass_g"].mean().rename("mean_mass_g")
    features = data.merge(means, on="species")
    features["bill_ratio"] = features["bill_length_mm"] / features["bill_depth_mm"]
    features["heavy"] = features["body_mass_g"] / features["mean_mass_g"] > 1.1
    groups = features.groupby("species").agg(
        rows=("id", "count"),
        mean_mass_g=("body_mass_g", "mean"),
        bill_ratio=("bill_ratio", "mean"),
        share_heavy=("heavy", "mean"),
    )
    return groups.reset_index()


def by_spark(folder: str) -> pd.DataFrame:
    from pyspark.sql import SparkSession
    from spark_lesson import laptop, workflow

    # With millions of rows the optimising compiler pays off.
    os.environ["PYSPARK_SUBMIT_ARGS"] = os.environ["PYSPARK_SUBMIT_ARGS"].replace(laptop.QUICK, "")
    conf = workflow.CLUSTER.spark_conf.items()
    builder = SparkSession.builder
    for name, value in conf:
        builder = builder.config(name, value)
    data = builder.getOrCreate().read.parquet(folder)
    return workflow.aggregate.task_function(workflow.add_features.task_function(data))


def make(rows: str) -> None:
    """Writes the penguins of the lesson as its first task does, and prints where they are."""
    from flytekit import StructuredDataset, workflow
    from spark_lesson.workflow import resample

    @workflow
    def made(rows: int, seed: int = 42) -> StructuredDataset:
        return resample(rows=rows, seed=seed)

    print(made(rows=int(rows)).literal.uri)


def measure(compute: Callable[[str], pd.DataFrame], folder: str, rounds: int) -> None:
    """Prints the seconds of the first run and of `rounds` more, and the result."""
    seconds = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        result = compute(folder)
        seconds.append(time.perf_counter() - start)
    told = {"first": seconds[0], "seconds": statistics.median(seconds[1:]), "result": result.to_json()}
    if "spark_lesson" in sys.modules:
        sys.modules["spark_lesson.laptop"].stop()
    # The peak of the largest process, Python or Java: in kibibytes on Linux, in bytes on macOS.
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps(told | {"peak_mb": peak * (1 if sys.platform == "darwin" else 1024) / 1e6}))


def child(folder: str, *words: object) -> str:
    """What this file prints when it is called with `words`, in a process with temporary files in `folder`."""
    command = [sys.executable, str(Path(__file__).resolve()), *map(str, words)]
    environment = os.environ | {"TMPDIR": folder}
    answer = subprocess.run(command, cwd=LESSON, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return answer.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--millions", type=float, nargs="+", default=SIZES)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    table = []
    heads = [f"{name}, 1,000 rows/s" for name in COLUMNS[1:]] + ["pandas, MB", "Spark, MB"]
    print(f"{COLUMNS[0]:>14}" + "".join(f"{head:>36}" for head in heads))
    for millions in options.millions:
        rows = round(millions * 1e6)
        with tempfile.TemporaryDirectory() as folder:
            data = child(folder, "make", rows)
            pandas, spark = (json.loads(child(folder, name, data, options.rounds)) for name in ("pandas", "spark"))
        results = (pd.read_json(io.StringIO(told["result"])) for told in (pandas, spark))
        pd.testing.assert_frame_equal(*results, rtol=1e-9)
        speeds = [round(rows / seconds / 1000, 1) for seconds in (pandas["seconds"], spark["seconds"], spark["first"])]
        table.append((f"{millions:g}", *speeds))
        figures = [*speeds, round(pandas["peak_mb"]), round(spark["peak_mb"])]
        print(f"{millions:>14g}" + "".join(f"{figure:>36,}" for figure in figures), flush=True)
    if options.csv:
        with open(options.csv, "w", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *table])


if __name__ == "__main__":
    sys.path.insert(0, str(LESSON))
    if sys.argv[1:2] == ["make"]:
        make(*sys.argv[2:])
    elif sys.argv[1:2] in (["pandas"], ["spark"]):
        measure({"pandas": by_pandas, "spark": by_spark}[sys.argv[1]], sys.argv[2], int(sys.argv[3]))
    else:
        main()
