"""All runs as a table and as a page, and what differs between two of them; records from elsewhere are data."""

import re
from pathlib import Path

import pytest
from records.test_elsewhere import SCRIPTS, Page, example

from runner.records import runs
from runner.records.comparison import differences
from runner.records.data import Source, Stored
from runner.records.record import Record, TaskRun, save


def made(out: Path, lesson: str, name: str, **facts) -> Record:
    """A record in a folder of its own."""
    record = Record(lesson, "", "", name, "", {"x": 1}, "2026-11-30T01:02:03+00:00", {"python": "3.11"}, **facts)
    (out / lesson / name).mkdir(parents=True)
    save(record, out / lesson / name)
    return record


def test_runs_are_listed_the_newest_first(tmp_path, capsys):
    made(tmp_path, "b", "20261130-1", status="succeeded", outputs={"y": 0.123456789, "long": "x" * 100})
    made(tmp_path, "a", "20261130-2", status="failed", error="no")
    (tmp_path / "a" / "damaged").mkdir()
    (tmp_path / "a" / "damaged" / "record.json").write_text("{")
    assert runs.main(tmp_path, "") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines[1:3]] == [
        ["20261130-2", "a", "failed"],
        ["20261130-1", "b", "succeeded"],
    ]
    assert lines[2].endswith("x=1     y=0.123457")
    page = (tmp_path / "index.html").read_text()
    assert page.index("20261130-2") < page.index("20261130-1")
    assert runs.main(tmp_path, "b") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert "20261130-2" in (tmp_path / "index.html").read_text(), "the page has all runs"


@pytest.mark.parametrize("text", SCRIPTS)
def test_what_a_record_says_is_shown_and_not_followed(tmp_path, text):
    record = example(text)
    found = Page(runs.page([(tmp_path / "lesson" / "run", record)]))
    assert not {"script", "img", "a"} & set(found.elements)
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert "\x1b" not in "".join(
        [*runs.table([(tmp_path / "lesson" / "run", record)]), *differences(record, example())]
    )


def test_a_link_leads_to_the_folder_where_the_record_was_found(tmp_path):
    record = made(tmp_path, "lesson", "run 1")
    record.lesson, record.run = "../elsewhere", "/etc"
    folder = tmp_path / "lesson" / "run 1"
    (folder / "index.html").touch()
    assert re.findall('href="(.*?)"', runs.page([(folder, record)])) == ["lesson/run%201/index.html"]


def test_two_runs_differ_in_inputs_code_outputs_and_tasks(tmp_path):
    first, second = (made(tmp_path, "a", name, status="succeeded") for name in ("1", "2"))
    assert differences(first, second)[1:] == [
        "inputs: the same",
        "code, data and locks: the same",
        "versions and machine: the same",
        "outputs: the same",
        "tasks: the same",
    ]
    second.inputs = {"x": 2, "more": "text"}
    second.provenance = {"python": "3.12", "code sha256": 64 * "a"}
    for record, content in ((first, "b"), (second, "c")):
        stored = {"o0": [Stored(f"nodes/n0/{record.run}", 64 * content, 1)]}
        record.tasks = [TaskRun("fit", {}, "succeeded", id="n0", written=stored)]
        record.outputs = {"model": f"nodes/n0/{record.run}"}
        record.sources = {"model": [Source("task", "n0", "o0")]}
    second.tasks[0].attempt = 2
    assert differences(first, second)[1:] == [
        "inputs:",
        "  x: 1 -> 2",
        "  more: none -> text",
        "code, data and locks:",
        "  code sha256: none -> aaaaaaaaaaaa",
        "versions and machine:",
        "  python: 3.11 -> 3.12",
        "outputs:",
        "  model: sha256 bbbbbbbbbbbb -> sha256 cccccccccccc",
        "tasks:",
        "  n0: succeeded -> succeeded in attempt 3",
    ]


def test_without_such_a_run_the_next_step_is_told(tmp_path, capsys):
    assert runs.main(tmp_path, "") == 2
    assert runs.main(tmp_path, "", "x", "y") == 2
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").touch()
    assert runs.main(tmp_path, "", "index.html", "y") == 2
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "make runs: there are no runs; start one: make run PROJECT=flyte-basics"
    assert told[1:] == [f"make runs: there is no run '{name}'; make runs lists them" for name in ("x", "index.html")]
