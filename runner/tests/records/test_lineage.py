"""The lineage of runs as text: from outputs back to the data, and what there is to say when something is missing."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pytest
import traced_cases as cases
from pyarrow import parquet
from running import HERE

from runner.harness.execution import run_in_processes
from runner.harness.forks import Server
from runner.lesson import Lesson, images
from runner.records.data import BODY, TASK, Source, Stored, stored
from runner.records.find import NoLineage, chosen, is_newest
from runner.records.folder_lock import hold
from runner.records.lineage import Lineage
from runner.records.picture.values import origins
from runner.records.record import Record, TaskRun, load, save
from runner.records.run_folder import Run

Start = Callable[..., Path]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def start(out: Path, server: Server | None) -> Start:
    """Runs a workflow as `make run` does; returns the run's folder."""
    lesson = Lesson.read(HERE / "example")

    def start(entity: Callable, fails: bool = False, **inputs: object) -> Path:
        run = Run.start(lesson, "traced_cases:entity", out, "make run PROJECT=example", inputs)
        try:
            run_in_processes(run, entity, inputs, images({}), server=server)
        except Exception:
            assert fails
        run.lock.close()
        return run.folder

    return start


def text(folder: Path) -> str:
    return "\n".join(Lineage(folder, load(folder)).lines)


def problem(out: Path, name: str = "") -> str:
    with pytest.raises(NoLineage) as raised:
        chosen("example", out, name)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_an_output_is_followed_back_to_the_inputs_of_the_run(start):
    told = text(start(cases.counted, length=4))
    assert "\no0 = 4  <- rows (n1)\n" in told
    block = told[told.index("\nrows (n1): succeeded") : told.index("\ntable (n0): succeeded")]
    assert "  data  <- table (n0)\n" in block
    assert ": sha256 " in block
    assert "  length = 4  <- input length of the run\n" in told[told.index("\ntable (n0)") :]
    assert told.endswith("1 stored files and folders checked, all as the run left them")


def test_equal_values_have_different_lineages(start):
    told = text(start(cases.equal, x=1, y=1))
    add = next(block for block in told.split("\n\n") if "of both (n2)" in block)
    assert {"  x = 1  <- right of both (n2)", "  y = 1  <- left of both (n2)"} <= set(add.splitlines())
    add = next(block for block in told.split("\n\n") if "<- input y of the run" in block)
    assert {"  x = 1  <- input y of the run", "  y = 1  <- the workflow's code"} <= set(add.splitlines())
    assert told.count("\none (n0): ") == 1


def test_what_a_dynamic_workflow_handed_on_is_found_by_its_content(start):
    told = text(start(cases.growing, length=3))
    assert told.count("<- the body of grow (n1), the same content as its data\n") == 2
    assert "\ngrow (n1): succeeded" in told


def test_data_with_the_code_and_outputs_that_a_dynamic_workflow_has_from_its_tasks_are_told(tmp_path):
    facts = dict.fromkeys(("code sha256", "data sha256", "shared/workshop/penguins.csv sha256"), "a" * 64)
    tasks = [
        TaskRun("grow", {}, "succeeded", id="n0", task="m.grow"),
        TaskRun("rows", {"x": 1}, "succeeded", outputs={"o0": 1}, id="n0/dn0", task="m.rows", parent="n0"),
    ]
    tasks[1].sources = {"x": [Source(BODY, "n0")]}
    record = Record("lesson", "", "", "run", "make run", {}, "", facts, outputs={"o0": 1}, tasks=tasks)
    record.sources = {"o0": [Source(TASK, "n0/dn0", "o0")]}
    lines = Lineage(tmp_path, record).lines
    start = next(number for number, line in enumerate(lines) if line.startswith("grow (n0): "))
    assert lines[start + 1 : start + 4] == [
        "  no inputs: what it reads lies with the code",
        f"    shared/workshop/penguins.csv: sha256 {'a' * 12}",
        "  -> from its tasks",
    ]


def test_a_file_that_was_changed_after_the_run_is_found(start):
    folder = start(cases.counted, length=4)
    (data,) = (file for file in folder.glob("nodes/n0/*/data/**/*") if file.is_file())
    data.write_bytes(data.read_bytes() + b"x")
    lineage = Lineage(folder, load(folder))
    assert lineage.changed == [data.parent]
    told = "\n".join(lineage.lines)
    assert ", CHANGED: it is " in told
    assert "checked, NOT as the run left them:\n" in told
    shutil.rmtree(data.parent)
    lineage = Lineage(folder, load(folder))
    assert lineage.changed == []
    assert ", gone since" in "\n".join(lineage.lines)
    assert lineage.lines[-1] == "1 stored files and folders checked, 1 gone, the others as the run left them"


def test_a_cached_result_is_followed_into_the_run_that_computed_it(start):
    first, second = start(cases.counted), start(cases.counted)
    told = text(second)
    assert "table (n0): cached, " in told
    assert f"<- table (n0) of run {first.name}\n" in told
    assert f"\ntable (n0) of run {first.name}: succeeded" in told
    assert f'<a href="../{first.name}/index.html#task-n0">' in (second / "index.html").read_text()


def test_of_a_cached_result_whose_run_is_gone_it_says_so(start, out):
    first, second = start(cases.counted), start(cases.counted)
    (first / "record.json").unlink()
    told = text(second)
    assert f"computed in run {first.name}, which is gone; the inputs that it was found by:\n" in told
    assert "  length = 3  <- input length of the run\n" in told
    (first / "record.json").write_text('{"tasks": []}')
    assert f"computed in run {first.name}, whose record has no further details;" in text(second)


def test_a_failed_run_tells_what_its_last_tasks_came_from(start, tmp_path):
    (tmp_path / "given.txt").write_text("content")
    told = text(start(cases.failing, fails=True, file=str(tmp_path / "given.txt")))
    assert "no outputs; what its last tasks came from:" in told
    assert "\nfails (n1): non-recoverable" in told
    assert "  error: ValueError: " in told
    assert re.search(r"    nodes/inputs/data/\w+/given.txt: sha256 ed7002b439e9, 7 bytes\n", told)


def test_the_page_links_each_value_to_the_task_that_made_it(start):
    html = (start(cases.equal) / "index.html").read_text()
    adds = re.findall(r"<td>2 <span class=\"from\">← <a href=\"#task-(n\d)\">add \(\1\)</a></span>", html)
    assert len(set(adds)) == 3
    assert re.search(r'<strong>both \(n2\)</strong> <span>[^<]*</span></summary><div class="inner" id="task-n2">', html)
    assert 'x = 1 <span class="from">← <a href="#task-n2">both (n2)</a></span>' in html
    assert '<a href="#inputs">input</a>' in html


def test_many_sources_are_not_all_listed_on_the_page():
    sources = {"x": [Source("task", f"{number:02d}", "o0") for number in range(9)]}
    assert origins(sources, {})["x"].endswith("3 more</span>")


def test_the_newest_run_is_told_or_the_one_that_is_named(start, out):
    first, second = start(cases.counted), start(cases.counted)
    assert chosen("example", out, "")[0] == second, "also if both start in the same second"
    assert chosen("example", out, first.name)[0] == first


def test_the_newest_run_is_the_one_that_started_last(start, out):
    """The record of an execution that ended long ago may be the newest folder."""
    first, second = sorted([start(cases.counted), start(cases.counted)])
    for folder, moment in ((first, "2026-11-30T09:00:00+02:00"), (second, "2026-11-30T06:59:59+00:00")):
        record = load(folder)
        record.started = moment
        save(record, folder)
    assert chosen("example", out, "")[0] == first
    assert (is_newest(first), is_newest(second)) == (True, False)


def test_the_record_says_what_a_task_declares(start):
    table, rows = load(start(cases.counted)).tasks
    assert table.interface == {"inputs": {"length": "value"}, "outputs": {"o0": "stored"}}
    assert rows.interface == {"inputs": {"data": "stored"}, "outputs": {"o0": "value"}}


def test_what_cannot_be_told_is_said_in_one_line(start, out):
    assert problem(out) == "example has not been run yet; start a run: make run PROJECT=example"
    folder = start(cases.counted)
    assert problem(out, "x") == f"there is no run 'x' of example; the newest are: {folder.name}"

    file = folder / "record.json"
    facts = json.loads(file.read_text())
    file.write_text(json.dumps(facts | {"status": "running"}))
    with hold(folder):
        assert problem(out) == f"run {folder.name} still runs; wait for its end, or choose another run: RUN=<name>"
    assert "was cut off before its record was written; run it again: make run PROJECT=example" in problem(out)

    file.write_text(json.dumps(facts | {"status": "interrupted", "execution": "r1"}))
    assert problem(out) == (
        f"run {folder.name} did not follow execution r1 to its end; follow it: make watch PROJECT=example EXECUTION=r1"
    )

    del facts["format"]
    file.write_text(json.dumps(facts))
    assert "was recorded by an older version" in problem(out)
    for broken in ("{", "[]", '{"tasks": 1}', json.dumps(facts | {"tasks": [1]})):
        file.write_text(broken)
        assert f"{file} is damaged (" in problem(out)


def test_what_looks_like_a_table_or_cannot_be_read_ends_no_run(tmp_path):
    parquet.write_table(pyarrow.table({"mass": [1]}), tmp_path / "real.parquet")
    assert stored("real.parquet", tmp_path).columns == {"mass": "int64"}
    (tmp_path / "table.parquet").write_bytes(b"PAR1 and no more")
    assert stored("table.parquet", tmp_path).columns == {}
    assert stored("table.parquet", tmp_path).size == 16
    for path in ("s3://bucket/key", "missing"):
        assert stored(path, tmp_path) == Stored(path, "", files=0)


def test_a_folder_is_hashed_with_the_names_in_it(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep" / "file").write_text("content")
    one, other = stored("a", tmp_path), stored(str(tmp_path / "b"), tmp_path)
    assert (one.path, one.size, one.files) == ("a", 7, 1)
    assert (other.path, other.sha256) == ("b", one.sha256)
    (tmp_path / "b" / "deep" / "file").rename(tmp_path / "b" / "deep" / "other")
    assert stored("b", tmp_path).sha256 != one.sha256


def test_a_record_without_one_of_its_tasks_is_damaged(start):
    folder = start(cases.counted)
    record = load(folder)
    record.tasks.pop(0)
    with pytest.raises(NoLineage, match="it names a task n0 that it does not have"):
        Lineage(folder, record)


def test_a_record_is_read_as_it_was_written(start):
    folder = start(cases.growing)
    record = load(folder)
    assert record.tasks[0].written["o0"][0].columns == {"x": "int64"}
    assert record.sources["o0"][0].task == record.tasks[-1].id
