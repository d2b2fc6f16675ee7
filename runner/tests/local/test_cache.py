"""Cached results in the record of a run, and cached results whose data is gone."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from flytekit import Cache, StructuredDataset, current_context, dynamic, map_task, task, workflow
from flytekit.core.local_cache import LocalTaskCache
from flytekit.types.file import FlyteFile

from runner.local import cache
from runner.local.observe import observed
from runner.records import page
from runner.records.record import Record, TaskRun

V1 = Cache(version="1")


@dataclass
class Holder:
    label: str
    data: StructuredDataset


@task(cache=V1)
def number(x: int) -> int:
    return x


@task
def table(x: int) -> pd.DataFrame:
    return pd.DataFrame({"x": [x]})


@task(cache=V1)
def stored(x: int) -> pd.DataFrame:
    return table.task_function(x)


@task(cache=V1)
def listed(x: int) -> list[pd.DataFrame]:
    return [table.task_function(x)]


@task(cache=V1)
def optional(x: int) -> pd.DataFrame | None:
    return table.task_function(x)


@task(cache=V1)
def held(x: int) -> Holder:
    return Holder("/no/such/file", StructuredDataset(table.task_function(x)))


@task(cache=V1)
def filed(x: int) -> FlyteFile:
    file = Path(current_context().working_directory, "file.txt")
    file.write_text(str(x))
    return FlyteFile(str(file))


@dynamic(cache=V1)
def several(x: int) -> int:
    first, _, _ = (number(x=x + i) for i in range(3))
    return first


@workflow
def mapped(numbers: list[int]) -> list[int]:
    return map_task(number)(x=numbers)


Run = Callable[..., list[TaskRun]]


@pytest.fixture
def run(own_cache, tmp_path: Path) -> Run:
    """Calls a task or workflow as in a run of that name; returns what was noted of its tasks."""

    def run(name: str, entity: Callable, **inputs: object) -> list[TaskRun]:
        (tmp_path / name).mkdir()
        runs: list[TaskRun] = []
        with observed(tmp_path / name, runs, report=lambda run: None):
            entity(**inputs)
        return runs

    return run


def statuses(runs: list[TaskRun]) -> list[str]:
    return [f"{run.name} {run.status}" for run in runs]


def test_a_cached_result_is_noted_with_what_its_computation_took(run):
    (first,) = run("first", stored, x=1)
    (again,) = run("again", stored, x=1)
    assert (first.status, first.computed_seconds, first.computed_by) == ("succeeded", None, "")
    assert (again.status, again.computed_seconds, again.computed_by) == ("cached", first.seconds, "first")
    assert again.inputs == {"x": 1}
    assert again.outputs == {"o0": f"../first/{first.outputs['o0']}"}
    assert statuses(run("other", stored, x=2)) == ["stored succeeded"]


def test_the_page_and_the_summary_tell_it(run):
    run("first", stored, x=1)
    (again,) = run("again", stored, x=1)
    row = page.task_row(again)
    assert '<span class="cached">cached</span>' in row
    assert f"computed in {again.computed_seconds:.3f} s" in row
    assert '<a href="../first/index.html#task-01">first</a>' in row
    assert f'<a href="{again.outputs["o0"]}"' in row
    again.computed_seconds, again.seconds = 2.0, 0.5
    record = Record("", "", "", "", "", {}, "", {}, tasks=[again, TaskRun("other", {}, "succeeded", 1.0)])
    assert record.served == "1 of 2 tasks computed, the others cached: 1.50 s saved"
    assert f"{record.served}." in page.render(record)
    record.tasks.pop(0)
    assert record.served == ""


def test_dynamic_and_map_tasks_are_served_whole(run):
    assert statuses(run("first", several, x=1)) == ["several succeeded", *["number succeeded"] * 3]
    assert statuses(run("again", several, x=1)) == ["several cached"]
    assert statuses(run("overlap", several, x=2)) == ["several succeeded", *["number cached"] * 2, "number succeeded"]
    assert statuses(run("map", mapped, numbers=[1, 2])) == ["number succeeded"]
    assert statuses(run("map again", mapped, numbers=[1, 2])) == ["number cached"]


@pytest.mark.parametrize("entity", [stored, listed, optional, held, filed], ids=lambda entity: entity.name)
def test_a_cached_result_whose_data_is_gone_is_computed_again(run, entity, tmp_path, capsys):
    run("first", entity, x=1)
    assert statuses(run("second", entity, x=1)) == [f"{entity.name.split('.')[-1]} cached"]
    shutil.rmtree(tmp_path / "first")
    (third,) = run("third", entity, x=1)
    assert third.status == "succeeded"
    (warning,) = third.warnings
    assert warning.startswith(f"the data of its cached result is gone, so it is computed again: {tmp_path}/first/")
    assert capsys.readouterr().out.splitlines() == [f"  {third.name:<30} warning   {warning}"]
    (fourth,) = run("fourth", entity, x=1)
    assert (fourth.status, fourth.computed_by, fourth.warnings) == ("cached", "third", [])


def test_a_result_without_data_needs_no_run(run, tmp_path):
    run("first", number, x=1)
    shutil.rmtree(tmp_path / "first")
    assert statuses(run("again", number, x=1)) == ["number cached"]


def test_a_disabled_cache_is_neither_read_nor_written(run, monkeypatch):
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_ENABLED", "false")
    assert statuses(run("first", number, x=1)) == ["number succeeded"]
    monkeypatch.delenv("FLYTE_LOCAL_CACHE_ENABLED")
    assert statuses(run("second", number, x=1)) == ["number succeeded"]
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_OVERWRITE", "true")
    assert statuses(run("third", number, x=1)) == ["number succeeded"]
    monkeypatch.delenv("FLYTE_LOCAL_CACHE_OVERWRITE")
    assert [task.computed_by for task in run("fourth", number, x=1)] == ["third"]


def test_a_failure_is_not_cached(run):
    @task(cache=V1)
    def fails(x: int) -> int:
        raise ValueError(x)
        return x

    for name in ("first", "second"):
        with pytest.raises(ValueError, match="1"):
            run(name, fails, x=1)


def test_flytekit_is_as_before_after_a_run(run):
    before = LocalTaskCache.get
    run("first", number, x=1)
    assert LocalTaskCache.get is before


def test_a_cache_can_be_forgotten(run, tmp_path):
    run("first", number, x=1)
    run("second", number, x=2)
    assert cache.forget(tmp_path / "cache") == "2 cached results forgotten"
    assert statuses(run("third", number, x=1)) == ["number succeeded"]


def test_a_damaged_cache_says_how_to_start_over(run, tmp_path):
    run("first", number, x=1)
    cache.use(tmp_path / "cache")
    (tmp_path / "cache" / "cache.db").write_bytes(os.urandom(2**16))
    with pytest.raises(RuntimeError, match=r"cannot be read .*; make clear-cache PROJECT="):
        run("second", number, x=1)
    assert cache.forget(tmp_path / "cache") == "the cache was damaged and is removed"
    assert statuses(run("third", number, x=1)) == ["number succeeded"]
