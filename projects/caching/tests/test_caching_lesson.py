"""Tests the figures of the lesson and of its README."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import joblib
import pandas as pd
import pytest
from caching_lesson import workflow
from flytekit import Cache, task
from flytekit.configuration import Image, ImageConfig, SerializationSettings
from flytekit.core import local_cache
from flytekit.tools.translator import get_serializable
from workshop.hashes import hash_frame

LESSON = Path(__file__).parents[1]
V1 = Cache(version="1")
TASKS = ["survey", "cap", "train", "survey", "evaluate"]


def test_case(case, check):
    check(case)


class Runs:
    """Runs the lesson as `make run` does, in a separate folder."""

    def __init__(self, out: Path):
        self.folder = out / "caching"
        self.command = [sys.executable, "-m", "runner", "run", LESSON, out, "{}"]

    def __call__(self, *arguments: str, **environment: str) -> list[str]:
        """Runs the lesson once and returns the printed lines."""
        command, variables = [*self.command, *arguments], os.environ | environment
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout.splitlines()

    @property
    def latest(self) -> Path:
        return max(self.folder.glob("*/record.json"), key=lambda file: file.stat().st_mtime_ns).parent

    @property
    def computed(self) -> list[str]:
        """The tasks that the latest run computed."""
        tasks = json.loads((self.latest / "record.json").read_text())["tasks"]
        tasks.sort(key=lambda task: task["id"])  # tasks that run side by side end in any order
        assert [task["name"] for task in tasks] == TASKS
        return [task["name"] for task in tasks if task["status"] != "cached"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Makes a first run, which fills the cache."""
    runs = Runs(tmp_path_factory.mktemp("out"))
    assert not any("tasks computed" in line for line in runs())
    assert runs.computed == TASKS
    return runs


def test_the_second_run_computes_nothing_and_tells_what_that_saved(runs, lesson):
    lines = runs()
    assert runs.computed == []
    assert sum("cached" in line and "computed in" in line for line in lines) == 5
    (summary,) = [line for line in lines if line.startswith("0 of 5 tasks computed, the others cached: ")]
    assert float(summary.split()[-3]) > 0
    assert f"accuracy: {lesson.cases[0].outputs['accuracy']}" in lines
    assert summary in (runs.latest / "index.html").read_text()


def test_an_ignored_input_is_a_hit(runs):
    runs("--workers", "2")
    assert runs.computed == []


def test_the_ignored_input_changes_nothing_in_the_model():
    data = workflow.survey(rows=1000, seed=1)
    models = [workflow.train.task_function(data, workers) for workers in (1, 2)]
    assert joblib.hash(models[0]) == joblib.hash(models[1])


def test_a_task_that_gives_the_same_data_again_stops_there(runs):
    runs("--heaviest_g", "8000")
    assert runs.computed == ["cap"]


def test_one_cell_in_the_middle_is_a_miss_for_all_that_read_it(runs):
    mass = workflow.survey(rows=20_000, seed=1)["body_mass_g"]
    assert mass.index[mass > 6820].to_list() == [14_408]
    runs("--heaviest_g", "6820")
    # The new model is equal: once the model has a hash (exercise 3), evaluate is a hit.
    assert runs.computed in (["cap", "train", "evaluate"], ["cap", "train"])


def test_no_cache_computes_all(runs):
    runs(NO_CACHE="1")
    assert runs.computed == TASKS


def test_a_cleared_cache_computes_all_and_keeps_the_records(tmp_path):
    runs = Runs(tmp_path)
    runs("--rows", "1000")
    first = runs.latest
    command = [sys.executable, "-m", "runner", "clear-cache", LESSON, runs.folder.parent]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "5 cached results forgotten\n"
    runs("--rows", "1000")
    assert runs.computed == TASKS
    assert (first / "index.html").exists()


def test_a_task_that_reads_deleted_data_fails_until_the_cache_is_cleared(tmp_path):
    runs = Runs(tmp_path)
    runs("--rows", "1000")
    shutil.rmtree(runs.latest)
    # With another input, a task has to read what a cached task had stored.
    with pytest.raises(subprocess.CalledProcessError) as failure:
        runs("--rows", "1000", "--heaviest_g", "5000")
    assert "the data of its input data, a cached result, is gone: ../" in failure.value.stderr
    assert "make clear-cache PROJECT=caching" in failure.value.stderr
    runs("--rows", "1000", "--heaviest_g", "5000", NO_CACHE="1")
    assert runs.computed == TASKS


def test_two_runs_at_the_same_time_share_the_cache(tmp_path):
    runs = Runs(tmp_path)
    with ThreadPoolExecutor() as pool:
        outputs = list(pool.map(lambda _: runs("--rows", "1000"), range(2)))
    assert len({next(line for line in lines if line.startswith("accuracy")) for lines in outputs}) == 1
    runs("--rows", "1000")
    assert runs.computed == []


# Hits and misses, one task at a time.


def use(folder: Path) -> None:
    """Makes a folder the cache of Flyte's local executor, which calls a task as a function."""
    local_cache.CACHE_LOCATION = str(folder)
    local_cache.LocalTaskCache._initialized = False


@pytest.fixture
def data() -> pd.DataFrame:
    return workflow.survey(rows=20_000, seed=1)


@pytest.fixture
def is_hit(data, tmp_path):
    """Returns a function that reports whether a call is a cache hit. The cache has the result for `data`."""
    use(tmp_path)
    computed = []

    def is_hit(data: pd.DataFrame, version: Cache = V1, note: str = "") -> bool:
        def rows(data: workflow.Measurements, note: str) -> int:
            computed.append(len(data))
            return len(data)

        before = len(computed)
        task(rows, cache=version)(data=data, note=note)
        return len(computed) == before

    assert not is_hit(data)
    return is_hit


def test_an_equal_copy_is_a_hit(data, is_hit):
    assert is_hit(pd.DataFrame({name: data[name].to_list() for name in data}))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.assign(body_mass_g=data["body_mass_g"].where(data.index != 10_000, 0.0)),
        lambda data: data.astype({"body_mass_g": "float32"}),
        lambda data: data.rename(columns={"body_mass_g": "mass"}),
        lambda data: data.set_axis(range(1, 20_001)),
        lambda data: data.iloc[::-1].reset_index(drop=True),
    ],
    ids=["a cell in the middle", "a column's type", "a column's name", "the index", "the order of the rows"],
)
def test_any_other_change_is_a_miss(data, is_hit, change):
    assert not is_hit(change(data))


def test_the_hash_of_a_printed_series_is_blind(data):
    changed = data.assign(body_mass_g=data["body_mass_g"].where(data.index != 10_000, 0.0))
    assert str(pd.util.hash_pandas_object(changed)) == str(pd.util.hash_pandas_object(data))
    assert hash_frame(changed) != hash_frame(data)


def test_another_version_or_another_input_is_a_miss(data, is_hit):
    assert not is_hit(data, Cache(version="2"))
    assert not is_hit(data, note="other")


def test_inputs_are_ignored_once_they_are_named(data, is_hit):
    ignoring = Cache(version="1", ignored_inputs="note")
    assert not is_hit(data, ignoring), "the key has an input less"
    assert is_hit(data, ignoring, note="other")


def results(cached: Cache) -> list[int]:
    """Returns the result of a task, and its result after a change of its body."""

    def change(x: int) -> int:
        return x

    before = task(change, cache=cached)(x=1)

    def change(x: int) -> int:
        return x + 1

    return [before, task(change, cache=cached)(x=1)]


def test_a_changed_body_is_seen_by_the_policy_only(tmp_path):
    use(tmp_path)
    assert results(V1) == [1, 1]
    assert results(Cache(policies=workflow.SourceText())) == [1, 2]


def test_the_salt_is_part_of_what_the_policy_makes():
    def same(x: int) -> int:
        return x

    salted = [Cache(policies=workflow.SourceText(), salt=salt) for salt in "112"]
    versions = [task(same, cache=cached).metadata.cache_version for cached in salted]
    assert versions[0] == versions[1] != versions[2]


def test_a_frame_without_a_hash_is_always_a_miss(data):
    calls = []

    @task(cache=V1)
    def plain(data: pd.DataFrame) -> int:
        calls.append(1)
        return len(data)

    assert plain(data=data) == plain(data=data) == 20_000
    assert len(calls) == 2


def test_what_a_cluster_is_told():
    settings = SerializationSettings(image_config=ImageConfig(Image("default", "example", "1")), version="1")

    def metadata(entity):
        return get_serializable({}, settings, entity).template.to_flyte_idl().metadata

    survey, train, evaluate = map(metadata, (workflow.survey, workflow.train, workflow.evaluate))
    assert (survey.discoverable, survey.discovery_version, survey.cache_serializable) == (True, "1", False)
    assert (train.discoverable, train.cache_serializable) == (True, True)
    assert list(train.cache_ignore_input_vars) == ["workers"]
    assert (evaluate.discoverable, len(evaluate.discovery_version)) == (True, 64)
