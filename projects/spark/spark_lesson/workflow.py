"""Features and aggregates of millions of penguins, by an ephemeral Spark cluster per task.

Read from top to bottom: the settings of the clusters, two Spark tasks, a plain one, and the workflow.
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

# The settings of a Spark cluster stand with the task that it is for. On a Flyte cluster the Spark operator
# starts one driver and two executors for each call of the task, and removes them when it ends. There is
# no spark.master here: the operator says where the executors are, and a laptop's default is all its cores.
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


# A data frame of Spark is a plan, not data. Flyte carries it out when the task returns it: each executor
# writes its partitions as Parquet files, and the next task, on a cluster of its own, reads them.
@task(task_config=CLUSTER, resources=LARGE)
def resample(rows: int, seed: int) -> DataFrame:
    """Returns `rows` penguins drawn with replacement; row i is a function of `seed` and i alone."""
    if rows < 1:
        raise ValueError(f"rows is {rows}; it must be 1 or more")
    measured = penguins.load_measured()
    # Where rows are computed must not decide what they are: rand(seed) draws anew for each partition,
    # a hash of the row's number gives the same on two cores and on two hundred.
    spark = current_context().spark_session
    drawn = spark.range(rows, numPartitions=PARTITIONS).select(
        "id", F.expr(f"pmod(xxhash64(id, {seed}L), {len(measured)})").alias("penguin")
    )
    numbered = spark.createDataFrame(measured.reset_index(drop=True).rename_axis("penguin").reset_index())
    return drawn.join(F.broadcast(numbered), "penguin").drop("penguin")


@task(task_config=CLUSTER, resources=LARGE)
def add_features(data: DataFrame) -> DataFrame:
    """Adds the ratio of the bill's sides, and the mass relative to the mean of the penguin's species."""
    # To know the mean of a species all executors exchange what they have seen: a shuffle.
    means = data.groupBy("species").agg(F.mean("body_mass_g").alias("mean_mass_g"))
    return (
        data.join(F.broadcast(means), "species")
        .withColumn("bill_ratio", F.col("bill_length_mm") / F.col("bill_depth_mm"))
        .withColumn("relative_mass", F.col("body_mass_g") / F.col("mean_mass_g"))
    )


@task(task_config=CLUSTER, resources=LARGE)
def aggregate(features: DataFrame) -> pd.DataFrame:
    """Returns a row for each species: how many, mean mass (g) and bill ratio, share that is heavy."""
    heavy = F.col("relative_mass") > 1.1
    groups = features.groupBy("species").agg(
        F.count("*").alias("rows"),
        F.mean("body_mass_g").alias("mean_mass_g"),
        F.mean("bill_ratio").alias("bill_ratio"),
        F.mean(heavy.cast("int")).alias("share_heavy"),
    )
    return groups.orderBy("species").toPandas()


# Three rows need no cluster: a plain task of the same workflow, in a plain container.
@task(resources=SMALL)
def summarize(by_species: pd.DataFrame) -> Summary:
    """Returns the totals over all species beside the table."""
    rows = int(by_species["rows"].sum())
    mass = float((by_species["rows"] * by_species["mean_mass_g"]).sum() / rows)
    return Summary(rows=rows, mean_mass_g=mass, by_species=by_species)


@workflow
def penguin_features(rows: int = 100_000, seed: int = 42) -> Summary:
    """Draws `rows` penguins by a seed, computes features of each, and aggregates them by species."""
    features = add_features(data=resample(rows=rows, seed=seed))
    summary = summarize(by_species=aggregate(features=features))
    return Summary(summary.rows, summary.mean_mass_g, summary.by_species)


if __name__ == "__main__":
    print(penguin_features())
