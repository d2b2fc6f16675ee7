"""Spark tasks: their command as the Spark operator starts a driver, but with a master in the driver itself.

On a cluster the operator makes a driver's pod of the task, which starts executors' pods. Here the driver
computes everything by itself, in as many threads as the task's limit has cores.
"""

from collections.abc import Sequence

from flyteidl.core.tasks_pb2 import Resources, TaskTemplate
from google.protobuf.json_format import MessageToDict

from runner.harness.quantities import quantity

# Spark looks for the address of the machine's name, which a container without network has none of.
ENVIRONMENT = {"SPARK_LOCAL_IP": "127.0.0.1"}


def is_spark(task: TaskTemplate) -> bool:
    return task.type == "spark"


def submission(task: TaskTemplate, words: Sequence[str]) -> list[str]:
    """The command line that hands a task's own, `words`, to Spark with the task's Spark settings."""
    job = MessageToDict(task.custom)
    settings = {**job.get("sparkConf", {}), **{f"spark.hadoop.{k}": v for k, v in job.get("hadoopConf", {}).items()}}
    settings |= {"spark.pyspark.python": job["executorPath"], "spark.pyspark.driver.python": job["executorPath"]}
    options = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    return ["spark-submit", "--master", f"local[{cores(task)}]", *options, job["mainApplicationFile"], *words]


def cores(task: TaskTemplate) -> str:
    """The whole cores of a task's limit, at least one; all there are if it has none."""
    limits = task.container.resources.limits
    found = [quantity(entry.value) for entry in limits if entry.name == Resources.CPU]
    return str(max(1, int(found[0]))) if found else "*"
