"""Runs the image as driver and executors of Spark's Kubernetes scheduler, as the Spark operator submits it."""

import re
import secrets
import subprocess

from kubernetes_api import Kubernetes, docker

APPLICATION = """
import os
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
# Four tasks in Python, each of which returns its host name and its user id.
where = spark.sparkContext.range(4, numSlices=4).map(lambda _: f"{os.uname().nodename} as {os.getuid()}")
print("ran on", sorted(set(where.collect())))
print("sum", spark.range(1_000_000, numPartitions=4).groupBy().sum("id").first()[0])
"""


def test_a_submitted_application_runs_in_executors_of_their_own(image, tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "application.py").write_text(APPLICATION)
    with Kubernetes(tmp_path, f"spark-{secrets.token_hex(4)}") as cluster:
        settings = {
            "spark.kubernetes.container.image": image,
            "spark.kubernetes.driver.volumes.hostPath.app.mount.path": "/application",
            "spark.kubernetes.driver.volumes.hostPath.app.options.path": tmp_path,
            "spark.kubernetes.driver.master": cluster.url,
            "spark.kubernetes.submission.waitAppCompletion": "false",
            "spark.kubernetes.executor.enableApiWatcher": "false",
            "spark.kubernetes.executor.apiPollingInterval": "1s",
            "spark.kubernetes.allocation.driver.readinessTimeout": "1s",
            "spark.executor.instances": "2",
            "spark.executor.memory": "512m",
            "spark.driver.memory": "512m",
            "spark.ui.enabled": "false",
        }
        options = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
        submit = ["spark-submit", "--master", f"k8s://{cluster.url}", "--deploy-mode", "cluster", "--name", "sums"]
        submit += [*options, "local:///application/application.py"]
        submitted = subprocess.run(
            ["docker", "run", "--rm", "--read-only", "--tmpfs", "/tmp", *cluster.reach, image, *submit],
            capture_output=True,
            text=True,
        )
        assert submitted.returncode == 0, submitted.stderr
        driver = next(iter(cluster.pods))
        assert docker("wait", driver) == "0", docker("logs", driver)
        printed = docker("logs", driver)
    assert "sum 499999500000" in printed
    assert re.fullmatch(r"ran on \[('sums-.*-exec-[12] as 1000'(, )?){1,2}\]", printed.splitlines()[0])
