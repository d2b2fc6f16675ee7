"""Tests the figures of the lesson and of its README."""

import os
import shutil
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from flytekit import task
from flytekit import workflow as flyte_workflow
from google.protobuf.json_format import MessageToDict
from spark_lesson import workflow
from workshop import penguins

from runner.graph.compiled import compiled

LESSON = Path(workflow.__file__).parents[1]
IMAGES = {"default": "localhost:30000/spark:1"}
# Prints the figures and the process id of Java. It runs in a new interpreter, in which Spark has not started.
RUN = """
import os, sys
from spark_lesson import laptop, workflow
os.environ["PYSPARK_SUBMIT_ARGS"] = " ".join((*sys.argv[1:], os.environ["PYSPARK_SUBMIT_ARGS"]))
print(workflow.penguin_features(rows=5000).by_species.to_csv(), laptop.STARTED[0].pid, sep="PID")
"""


class Frames(NamedTuple):
    data: pd.DataFrame
    features: pd.DataFrame


@task
def as_pandas(data: pd.DataFrame, features: pd.DataFrame) -> Frames:
    return Frames(data.sort_values("id", ignore_index=True), features.sort_values("id", ignore_index=True))


@flyte_workflow
def frames(seed: int) -> Frames:
    data = workflow.resample(rows=1000, seed=seed)
    both = as_pandas(data=data, features=workflow.add_features(data=data))
    return Frames(both.data, both.features)


@pytest.fixture(scope="module")
def computed() -> Frames:
    return frames(seed=1)


def test_case(case, check):
    check(case)


def test_rows_are_drawn_from_the_penguins_by_the_seed(computed):
    assert computed.data.equals(frames(seed=1).data)
    assert not computed.data.equals(frames(seed=2).data)
    assert computed.data["id"].tolist() == list(range(1000))
    measured = penguins.load_measured()
    drawn = computed.data[[*measured.columns]]
    assert {*drawn.itertuples(index=False, name=None)} <= {*measured.itertuples(index=False, name=None)}


def test_the_features_are_those_that_pandas_computes(computed):
    data, features = computed
    mean = data.groupby("species")["body_mass_g"].transform("mean")
    assert features["relative_mass"].tolist() == pytest.approx((data["body_mass_g"] / mean).tolist())
    ratio = data["bill_length_mm"] / data["bill_depth_mm"]
    assert features["bill_ratio"].tolist() == pytest.approx(ratio.tolist())


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> dict[str, str]:
    """A PATH with only the programs that Spark's scripts call, and variables that name another Java and Spark."""
    folder = tmp_path_factory.mktemp("bin")
    for name in ("bash", "chmod", "dirname", "ps", "uname"):
        (folder / name).symlink_to(shutil.which(name))
    return {"PATH": str(folder), "JAVA_HOME": "/no/java", "SPARK_HOME": "/no/spark", "SPARK_CONF_DIR": "/no/conf"}


def test_needs_no_java_of_the_machine_and_no_given_number_of_cores_and_leaves_nothing_running(bare):
    assert shutil.which("java", path=bare["PATH"]) is None
    command = [sys.executable, "-c", RUN, "--master", "local[1]"]
    answer = subprocess.run(command, cwd=LESSON, env=os.environ | bare, capture_output=True, text=True)
    assert (answer.returncode, answer.stderr) == (0, "")
    table, _, java = answer.stdout.partition("PID")
    expected = workflow.penguin_features(rows=5000).by_species
    pd.testing.assert_frame_equal(pd.read_csv(StringIO(table), index_col=0), expected, check_dtype=False, rtol=1e-9)
    with pytest.raises(ProcessLookupError):
        os.kill(int(java), 0)


# Interrupts itself, as Ctrl-C does, as soon as the expression that replaces MOMENT is true.
INTERRUPTED = """
import os, signal, threading, time
from pyspark import SparkContext
from spark_lesson import laptop, workflow

def working():
    spark = SparkContext._active_spark_context
    return hasattr(spark, "_jsc") and spark.statusTracker().getActiveJobsIds()

def interrupt():
    while not (MOMENT):
        time.sleep(0.05)
    print(laptop.STARTED[0].pid, flush=True)
    os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)  # as `make run` does
threading.Thread(target=interrupt, daemon=True).start()
workflow.penguin_features(rows=10**10)
"""


@pytest.mark.parametrize(
    "moment",
    ["laptop.STARTED", "working()"],
    ids=["while Java starts", "while Spark works"],
)
def test_ctrl_c_leaves_no_java_running(moment):
    command = [sys.executable, "-c", INTERRUPTED.replace("MOMENT", moment)]
    answer = subprocess.run(command, cwd=LESSON, capture_output=True, text=True)
    assert answer.returncode == -signal.SIGINT, answer.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(answer.stdout), 0)


@pytest.mark.parametrize("name", ["resample", "add_features", "aggregate"])
def test_a_cluster_gets_the_settings_and_the_image_of_each_spark_task(name):
    task = compiled(workflow.penguin_features, IMAGES).tasks[f"spark_lesson.workflow.{name}"]
    job = MessageToDict(task.custom)
    assert (task.type, task.container.image) == ("spark", IMAGES["default"])
    assert job["sparkConf"] == getattr(workflow, name).task_config.spark_conf
    assert job["sparkConf"].keys() >= workflow.CLUSTER.spark_conf.keys()
    assert "spark.master" not in job["sparkConf"]
    # Both files are in the image, so the machine that registers the task does not need them.
    assert job["mainApplicationFile"] == "local:///opt/venv/bin/entrypoint.py"
    assert job["executorPath"] == "/opt/venv/bin/python3"


def test_the_last_task_needs_no_cluster():
    assert compiled(workflow.penguin_features, IMAGES).tasks["spark_lesson.workflow.summarize"].type == "python-task"
