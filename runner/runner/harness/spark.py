"""Spark tasks: how their driver is started, with a master in the driver itself.

On a cluster the Spark operator makes a driver's pod of the task, which starts executors' pods. Here the driver
computes everything alone, in as many threads as the task's limit has cores. In a container it is submitted as
the operator does it, so that Java starts Python; elsewhere the task's own process starts Java.
"""

import os
import shlex
from collections.abc import Sequence

from flyteidl.core.tasks_pb2 import Resources, TaskTemplate
from google.protobuf.json_format import MessageToDict

from runner.harness.quantities import quantity

# Spark looks for the address of the machine's name, which a container without network has none of.
ENVIRONMENT = {"SPARK_LOCAL_IP": "127.0.0.1"}
# The Java of a task lives for seconds: too short for what Java's second, optimising compiler costs.
QUICK = {"spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1"}


def is_spark(task: TaskTemplate) -> bool:
    return task.type == "spark"


def submit_arguments(task: TaskTemplate) -> dict[str, str]:
    """The variable from which a task that starts Java itself takes its Spark settings; the lesson's own come last."""
    given = os.environ.get("PYSPARK_SUBMIT_ARGS", "pyspark-shell")
    return {"PYSPARK_SUBMIT_ARGS": f"{shlex.join(options(task))} {given}"}


def submission(task: TaskTemplate, words: Sequence[str]) -> list[str]:
    """The command line that hands a task's own, `words`, to Spark with the task's Spark settings."""
    job = MessageToDict(task.custom)
    python = {f"spark.pyspark.{name}": job["executorPath"] for name in ("python", "driver.python")}
    return ["spark-submit", *options(task), *settings(python), job["mainApplicationFile"], *words]


def options(task: TaskTemplate) -> list[str]:
    """The options of spark-submit that say what a task asks for."""
    job = MessageToDict(task.custom)
    hadoop = {f"spark.hadoop.{name}": value for name, value in job.get("hadoopConf", {}).items()}
    return ["--master", f"local[{cores(task)}]", *settings({**QUICK, **job.get("sparkConf", {}), **hadoop})]


def settings(named: dict[str, str]) -> list[str]:
    return [word for name, value in named.items() for word in ("--conf", f"{name}={value}")]


def cores(task: TaskTemplate) -> str:
    """The whole cores of a task's limit, at least one; all there are if it has none."""
    limits = task.container.resources.limits
    found = [quantity(entry.value) for entry in limits if entry.name == Resources.CPU]
    return str(max(1, int(found[0]))) if found else "*"
