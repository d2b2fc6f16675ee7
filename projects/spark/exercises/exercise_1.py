"""Exercise 1: `add_features` gets four executors, and the other Spark tasks keep two."""

import pytest
from google.protobuf.json_format import MessageToDict
from spark_lesson import workflow

from runner.graph.compiled import compiled

OTHERS = ("resample", "aggregate")


@pytest.fixture
def settings() -> dict[str, dict[str, str]]:
    """The Spark settings that a cluster gets, by task."""
    tasks = compiled(workflow.penguin_features, {"default": "spark:1"}).tasks
    spark = {name.rpartition(".")[2]: task for name, task in tasks.items() if task.type == "spark"}
    return {name: MessageToDict(task.custom)["sparkConf"] for name, task in spark.items()}


def executors(settings: dict[str, dict[str, str]], name: str) -> str:
    return settings[name].get("spark.executor.instances", "no number of")


def test_begun(settings):
    found = {executors(settings, name) for name in ("add_features", *OTHERS)}
    assert found != {"2"}, "every Spark task gets 2 executors"


def test_four_executors(settings):
    found = executors(settings, "add_features")
    assert found == "4", f"add_features gets {found} executors, not 4"


def test_the_others_keep_two(settings):
    for name in OTHERS:
        found = executors(settings, name)
        assert found == "2", f"{name} gets {found} executors, not 2: do all tasks still share one configuration?"


def test_the_other_settings_stay(settings):
    left = settings["resample"].items() - settings["add_features"].items() - {("spark.executor.instances", "2")}
    assert not left, f"add_features lost these settings: {', '.join(sorted(name for name, _ in left))}"
