"""Features and aggregates of millions of penguins, with an ephemeral Spark cluster for each task.

Read from top to bottom: the settings of the clusters, the Spark tasks, a plain task, and the workflow.
"""

from typing import NamedTuple

import pandas as pd
from flytekit import current_context, task, workflow
from flytekitplugins.spark import Spark
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from workshop import penguins
from workshop.resources import LARGE, SMALL

from spark_lesson import laptop

laptop.prepare()

# A task's configuration holds the settings of its Spark cluster. On a Flyte cluster, the Spark operator starts one
# driver and two executors for each call of the task. It removes them when the call ends. spark.master is not set:
# on a cluster, the operator sets it; on a laptop, the default uses all cores.
CLUSTER = Spark(
    spark_conf={
        "spark.driver.memory": "1g",
        "spark.executor.instances": "2",
        "spark.executor.cores": "1",
        "spark.executor.memory": "1g",
        "spark.sql.shuffle.partitions": "8",
    }
)
PARTITIONS = 8


class Summary(NamedTuple):
    rows: int
    mean_mass_g: float
    by_species: pd.DataFrame


# A Spark data frame is a plan, not data. When the task returns the data frame, Flyte executes the plan: each
# executor writes its partitions as Parquet files. The next task reads the files on its own cluster.
@task(task_config=CLUSTER, resources=LARGE)
def resample(rows: int, seed: int) -> DataFrame:
    """Draws `rows` penguins with replacement. Row i depends only on `seed` and i."""
    if rows < 1:
        raise ValueError(f"rows is {rows}; it must be 1 or more")
    measured = penguins.load_measured()
    # The place where Spark computes a row must not change the row. rand(seed) depends on the partition. A hash of
    # the row's number gives the same row on two cores and on two hundred.
    spark = current_context().spark_session
    drawn = spark.range(rows, numPartitions=PARTITIONS).select(
        "id", F.expr(f"pmod(xxhash64(id, {seed}L), {len(measured)})").alias("penguin")
    )
    numbered = spark.createDataFrame(measured.reset_index(drop=True).rename_axis("penguin").reset_index())
    return drawn.join(F.broadcast(numbered), "penguin").drop("penguin")


@task(task_config=CLUSTER, resources=LARGE)
def add_features(data: DataFrame) -> DataFrame:
    """Adds the ratio of bill length to bill depth, and the mass relative to the mean of the species."""
    # To compute the mean of a species, the executors exchange their partial results: a shuffle.
    means = data.groupBy("species").agg(F.mean("body_mass_g").alias("mean_mass_g"))
    return (
        data.join(F.broadcast(means), "species")
        .withColumn("bill_ratio", F.col("bill_length_mm") / F.col("bill_depth_mm"))
        .withColumn("relative_mass", F.col("body_mass_g") / F.col("mean_mass_g"))
    )


@task(task_config=CLUSTER, resources=LARGE)
def aggregate(features: DataFrame) -> pd.DataFrame:
    """Returns a row for each species: the count, the mean mass (g), the mean bill ratio, the share of heavy ones."""
    heavy = F.col("relative_mass") > 1.1
    groups = features.groupBy("species").agg(
        F.count("*").alias("rows"),
        F.mean("body_mass_g").alias("mean_mass_g"),
        F.mean("bill_ratio").alias("bill_ratio"),
        F.mean(heavy.cast("int")).alias("share_heavy"),
    )
    return groups.orderBy("species").toPandas()


# Three rows need no cluster: this plain task of the same workflow runs in a plain container.
@task(resources=SMALL)
def summarize(by_species: pd.DataFrame) -> Summary:
    """Returns the totals over all species, and the table."""
    rows = int(by_species["rows"].sum())
    mass = float((by_species["rows"] * by_species["mean_mass_g"]).sum() / rows)
    return Summary(rows=rows, mean_mass_g=mass, by_species=by_species)


@workflow
def penguin_features(rows: int = 100_000, seed: int = 42) -> Summary:
    """Draws `rows` penguins with a seed, computes features of each penguin, and aggregates them by species."""
    features = add_features(data=resample(rows=rows, seed=seed))
    summary = summarize(by_species=aggregate(features=features))
    return Summary(summary.rows, summary.mean_mass_g, summary.by_species)


if __name__ == "__main__":
    print(penguin_features())
