"""What is emitted of a run is valid by the standard's own schemas, and tells what the record tells."""

import json
from dataclasses import replace
from datetime import datetime

import pytest
from emitted_run import SOURCE, Json, a_record, validate
from jsonschema import ValidationError
from openlineage.client.event_v2 import InputDataset, OutputDataset

from runner.records.data import Stored
from runner.records.record import Record
from tools.lineage.events import Events


@pytest.mark.parametrize("source", [SOURCE, ""])
def test_every_event_and_facet_is_valid(emitted, source):
    status, errors, events = emitted(source)
    assert (status, errors) == (0, "")
    for event in events:
        validate(event)


def test_the_schemas_do_find_faults(emitted):
    event = emitted()[2][1]
    for break_it in (
        lambda event: event["run"].update(runId="1"),
        lambda event: event.update(eventTime="today"),
        lambda event: event.update(eventType="END"),
        lambda event: event["run"]["facets"]["parent"].pop("job"),
        lambda event: event["run"]["facets"]["tags"]["tags"][0].pop("key"),
        lambda event: event["job"]["facets"]["sourceCodeLocation"].update(url="not a url"),
        lambda event: event["inputs"][0]["facets"].update(other={}),
    ):
        broken = json.loads(json.dumps(event))
        break_it(broken)
        with pytest.raises(ValidationError):
            validate(broken)


def test_every_run_starts_and_ends_once_under_the_run_of_the_workflow(emitted):
    events = emitted()[2]
    workflow = events[0]["run"]["runId"]
    runs: dict[str, list[str]] = {}
    for event in events:
        runs.setdefault(event["run"]["runId"], []).append(event["eventType"])
        parent = event["run"]["facets"].get("parent", {}).get("run", {}).get("runId")
        assert parent == (None if event["run"]["runId"] == workflow else workflow)
    ends = ["FAIL", "COMPLETE", "COMPLETE", "FAIL", "COMPLETE", "COMPLETE", "ABORT"]
    assert list(runs.values()) == [["START", end] for end in ends]
    times = [datetime.fromisoformat(event["eventTime"]) for event in events]
    assert times == sorted(times)


def test_ids_are_those_of_the_run_so_that_it_may_be_sent_twice(emitted):
    assert emitted()[2] == emitted()[2]


def ends(events: list[Json]) -> dict[str, Json]:
    """The last event of each job."""
    return {event["job"]["name"].removeprefix("some_lesson.workflow.entry"): event for event in events}


def names(datasets: list[Json]) -> set[str]:
    return {f"{item['namespace']} {item['name'].replace('some_lesson.workflow.entry', 'ENTRY')}" for item in datasets}


def test_tasks_are_connected_by_what_they_store_and_by_values(emitted):
    jobs = ends(emitted()[2])
    assert {name: (names(event["inputs"]), names(event["outputs"])) for name, event in jobs.items()} == {
        "": ({"flyte ENTRY/inputs/seed", "file /data/raw.csv"}, {"flyte ENTRY.try.n1/dn0/o0"}),
        ".split.n0": ({"flyte ENTRY/inputs/seed", "file /data/raw.csv"}, {"flyte ENTRY.split.n0/train"}),
        ".search.n1": (
            {"flyte ENTRY.split.n0/train"},
            {"flyte ENTRY.try.n1/dn0/inputs/train", "flyte ENTRY.try.n1/dn0/inputs/c"},
        ),
        ".try.n1/dn0": (
            {"flyte ENTRY.try.n1/dn0/inputs/train", "flyte ENTRY.try.n1/dn0/inputs/c"},
            {"flyte ENTRY.try.n1/dn0/o0"},
        ),
        ".load.n2": ({"s3://bucket some/key"}, {"flyte ENTRY.load.01/o0"}),
        ".pick.n3": ({"flyte ENTRY.try.n1/dn0/o0", "flyte ENTRY.load.01/o0"}, {"flyte ENTRY.pick.n3/o0"}),
    }


def datasets(record: Record) -> list[InputDataset | OutputDataset]:
    return [data for event in Events(record, "").all() for data in [*(event.inputs or []), *(event.outputs or [])]]


def test_another_run_has_other_versions_of_the_same_datasets():
    other = replace(a_record(), run="20261124-100000-abcd")
    assert [data.name for data in datasets(a_record())] == [data.name for data in datasets(other)]
    other.tasks[0].written["train"] = [Stored("nodes/n0/data/train", "9" * 64)]
    (before, *_), (after, *_) = (
        [data.facets["version"].datasetVersion for data in datasets(record) if data.name.endswith("n0/train")]
        for record in (a_record(), other)
    )
    assert (before, after) == ("a" * 64, "9" * 64)


def test_several_files_of_one_output_have_names_of_their_own():
    record = a_record()
    record.tasks[0].written["train"] = [Stored(f"nodes/n0/data/{name}", "9" * 64) for name in "ab"]
    found = {data.name for data in datasets(record) if ".split.n0/train" in data.name}
    assert {name.rpartition("/")[2] for name in found} >= {"0", "1"}


def test_a_frame_that_the_run_got_is_called_by_the_input():
    record = a_record()
    frame = Stored("nodes/inputs/data/raw", "d" * 64)
    record.tasks[0].inputs["raw"], record.tasks[0].read["raw"] = frame.path, [frame]
    found = [data for data in datasets(record) if data.name == "some_lesson.workflow.entry/inputs/raw"]
    assert len(found) == 4  # when the run starts and ends, and the task
    assert {data.facets["version"].datasetVersion for data in found} == {"d" * 64}


def test_a_task_without_inputs_reads_the_data_that_lies_with_the_code():
    record = a_record()
    split = record.tasks[0]
    split.inputs, split.sources, split.read = {}, {}, {}
    (event,) = (event for event in Events(record, "").all() if ".split." in event.job.name and event.outputs)
    (data,) = event.inputs
    assert (data.namespace, data.name) == ("file", "shared/workshop/penguins.csv")
    assert data.facets["version"].datasetVersion == "2" * 64


def test_stored_data_has_its_hash_as_version_its_columns_and_its_size(emitted):
    (train,) = ends(emitted()[2])[".split.n0"]["outputs"]
    assert train["facets"]["version"]["datasetVersion"] == "a" * 64
    assert train["facets"]["schema"]["fields"][0]["name"] == "x"
    (link,) = train["facets"]["symlinks"]["identifiers"]
    place = "flyte-basics/20261123-100000-abcd/nodes/n0/data/train"
    assert link == {"namespace": "file", "name": place, "type": "LOCATION"}
    statistics = train["outputFacets"]["outputStatistics"]
    assert (statistics["size"], statistics["fileCount"]) == (9, 2)


def test_values_are_told_as_outputs_of_jobs_but_for_those_that_the_run_got(emitted):
    jobs = ends(emitted()[2])
    (output,) = jobs[".try.n1/dn0"]["outputs"]
    assert output["facets"]["datasetType"]["datasetType"] == "JOB_OUTPUT"
    (seed,) = (data for data in jobs[""]["inputs"] if data["name"].endswith("/seed"))
    assert "datasetType" not in seed["facets"]


def test_facets_tell_code_lock_error_and_the_run_that_computed_a_cached_result(emitted):
    jobs = ends(emitted()[2])
    location = jobs[""]["job"]["facets"]["sourceCodeLocation"]
    assert location["url"] == f"{SOURCE}/blob/{'1' * 40}/projects/flyte-basics/some_lesson/workflow.py"
    assert location["version"] == "1" * 40
    assert jobs[""]["run"]["facets"]["errorMessage"]["message"] == "the connection broke"
    facets = jobs[".load.n2"]["run"]["facets"]
    tags = {tag["key"]: tag["value"] for tag in facets["tags"]["tags"]}
    wanted = {"status": "cached", "lock": "requirements-old.txt", "lock sha256": "0" * 64, "revision": "1" * 40}
    assert wanted.items() <= tags.items()
    (upstream,) = facets["jobDependencies"]["upstream"]
    assert upstream["job"]["name"] == "some_lesson.workflow.entry.load.01"
    assert upstream["run"]["runId"] == Events(replace(a_record(), run="earlier"), "").run_id("01")
