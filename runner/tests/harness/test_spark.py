"""The command line of a Spark task; what it does in a container is tested by the lesson that has Spark."""

import shlex
from pathlib import Path

import pytest
from flyteidl.core.tasks_pb2 import Container, Resources, TaskTemplate
from google.protobuf.struct_pb2 import Struct

from runner.harness import spark
from runner.harness.calls import Call
from runner.harness.commands import command_of, environment_of
from runner.harness.launchers import ProcessLauncher

PYTHON = "/opt/venv/bin/python3"


@pytest.fixture
def task() -> TaskTemplate:
    custom = Struct()
    custom.update(
        {
            "sparkConf": {"spark.driver.memory": "1g", "spark.text": "two words"},
            "hadoopConf": {"fs.s3a.endpoint": "http://minio:9000"},
            "mainApplicationFile": "local:///opt/venv/bin/entrypoint.py",
            "executorPath": PYTHON,
        }
    )
    container = Container(args=["pyflyte-execute", "--inputs", "{{.input}}"])
    return TaskTemplate(type="spark", custom=custom, container=container)


def call(task: TaskTemplate) -> Call:
    return Call(node="n0", task=task, folder=Path("/run/n0"), retries=0, seconds=None)


def test_a_spark_task_is_submitted_with_its_settings_and_its_own_command(task):
    command = spark.submission(task, command_of(call(task), 0, Path("/run/n0/attempt-0")))
    settings = [
        "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1",
        "spark.driver.memory=1g",
        "spark.text=two words",
        "spark.hadoop.fs.s3a.endpoint=http://minio:9000",
        f"spark.pyspark.python={PYTHON}",
        f"spark.pyspark.driver.python={PYTHON}",
    ]
    assert command[:3] == ["spark-submit", "--master", "local[*]"]
    assert command[3:-4:2] == ["--conf"] * len(settings)
    assert sorted(command[4:-4:2]) == sorted(settings)
    assert command[-4:] == [
        "local:///opt/venv/bin/entrypoint.py",
        "pyflyte-execute",
        "--inputs",
        "/run/n0/inputs.pb",
    ]


def test_a_task_may_choose_its_java_options_itself(task):
    task.custom["sparkConf"]["spark.driver.extraJavaOptions"] = "-Xss4m"
    words = [word for word in spark.options(task) if "extraJavaOptions" in word]
    assert words == ["spark.driver.extraJavaOptions=-Xss4m"]


@pytest.mark.parametrize(("limit", "cores"), [("2", "2"), ("500m", "1"), ("2500m", "2")])
def test_the_master_has_the_cores_of_the_limit(task, limit, cores):
    task.container.resources.limits.append(Resources.ResourceEntry(name=Resources.CPU, value=limit))
    assert spark.submission(task, [])[2] == f"local[{cores}]"


def test_spark_needs_no_network(task):
    assert environment_of(call(task), 0)["SPARK_LOCAL_IP"] == "127.0.0.1"


def test_a_spark_task_that_starts_java_itself_has_its_settings_too_and_the_lesson_the_last_word(task, monkeypatch):
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", "--conf spark.ui.enabled=false pyspark-shell")
    variables = ProcessLauncher(Path("/lesson")).variables(task, {"A": "b"})
    assert variables["A"] == "b"
    words = shlex.split(variables["PYSPARK_SUBMIT_ARGS"])
    assert words[:2] == ["--master", "local[*]"]
    assert "spark.text=two words" in words
    assert words[-3:] == ["--conf", "spark.ui.enabled=false", "pyspark-shell"]


def test_other_tasks_are_started_as_they_are(task):
    task.type = "python-task"
    assert "PYSPARK_SUBMIT_ARGS" not in ProcessLauncher(Path("/lesson")).variables(task, {})
    assert "SPARK_LOCAL_IP" not in environment_of(call(task), 0)
