"""What is emitted of a run is valid by the standard's own schemas, and tells what the record tells."""

import json
from dataclasses import replace
from uuid import UUID

import pytest
from emitted_run import SOURCE, STORE, Json, a_cluster_record, a_good_record, a_record, as_json, validate
from jsonschema import ValidationError
from openlineage.client.uuid import generate_static_uuid

from runner.records.data import Source, Stored
from runner.records.find import NoLineage
from runner.records.record import Record, TaskRun
from tools.lineage.events import Events, began


def events(record: Record, source: str = "") -> list[Json]:
    return [as_json(event) for event in Events(record, source).all()]


@pytest.mark.parametrize("source", [SOURCE, ""])
@pytest.mark.parametrize("record", [a_record(), a_good_record("20261124-100000-abcd"), a_cluster_record()])
def test_every_event_and_facet_is_valid(record, source):
    for event in events(record, source):
        validate(event)


def test_the_schemas_do_find_faults():
    event = next(event for event in events(a_record(), SOURCE) if "parent" in event["run"]["facets"] and event["inputs"])
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


def test_every_run_starts_and_ends_once_and_tells_each_time_all_that_it_read_and_wrote():
    sent = events(a_record())
    runs: dict[str, list[Json]] = {}
    for event in sent:
        runs.setdefault(event["run"]["runId"], []).append(event)
    for start, end in runs.values():
        assert start["eventType"] == "START"
        assert start["eventTime"] <= end["eventTime"]
        told = ("run", "job", "inputs", "outputs")
        assert [start[part] for part in told] == [end[part] for part in told]
    assert (sent[0]["run"], sent[-1]["eventType"]) == (sent[-1]["run"], "FAIL")
    of_tasks = [end["eventType"] for _, end in list(runs.values())[1:]]
    assert sorted(of_tasks) == ["ABORT", *["COMPLETE"] * 4, "FAIL"]


def test_a_task_is_under_the_run_that_called_it_and_the_workflow_is_the_root():
    sent = events(a_record())
    jobs = {event["run"]["runId"]: event["job"]["name"] for event in sent}
    root = sent[0]["run"]["runId"]
    for event in sent[1:-1]:
        parent = event["run"]["facets"]["parent"]
        assert parent["root"] == {"run": {"runId": root, "facets": {}}, "job": parent["root"]["job"]}
        assert parent["root"]["job"]["name"] == jobs[root]
        assert parent["job"]["name"] == jobs[parent["run"]["runId"]]
        expected = "entry.search.n1" if ".try." in event["job"]["name"] else "entry"
        assert parent["job"]["name"] == f"some_lesson.workflow.{expected}"


def test_ids_are_made_by_the_standard_from_the_time_and_the_name_of_the_run():
    record = a_record()
    ids = [event["run"]["runId"] for event in events(record)]
    assert ids == [event["run"]["runId"] for event in events(record)]
    assert len(set(ids)) == len(ids) / 2
    assert {UUID(found).version for found in ids} == {7}
    content = f"flyte-basics/{record.run}//0".encode()
    assert ids[0] == str(generate_static_uuid(began(record.run, ""), content))
    earlier = events(a_record("20261122-100000-abcd"))
    assert max(event["run"]["runId"] for event in earlier) < min(ids), "they sort by time"
    again = replace(a_cluster_record(), run="20261201-120000-abcd")
    assert events(again)[0]["run"]["runId"] == events(a_cluster_record())[0]["run"]["runId"], "watched twice, it is one"


def ends(events: list[Json]) -> dict[str, Json]:
    """The last event of each job."""
    return {event["job"]["name"].removeprefix("some_lesson.workflow.entry"): event for event in events}


def names(datasets: list[Json]) -> set[str]:
    return {f"{item['namespace']} {item['name'].replace('some_lesson.workflow.entry', 'ENTRY')}" for item in datasets}


def edges(record: Record) -> dict[str, tuple[set[str], set[str]]]:
    """What each job reads and writes."""
    return {name: (names(event["inputs"]), names(event["outputs"])) for name, event in ends(events(record)).items()}


def test_tasks_are_connected_by_what_they_store_and_by_values():
    assert edges(a_record()) == {
        "": (set(), set()),
        ".split.n0": ({"file /data/raw.csv"}, {"flyte ENTRY.split.n0/train"}),
        ".search.n1": (set(), set()),
        ".search.n1.try.n1/dn0": ({"flyte ENTRY.split.n0/train"}, {"inmemory:// flyte/ENTRY.search.n1.try.n1/dn0/o0"}),
        ".load.n2": ({"s3://bucket some/key"}, {"flyte ENTRY.load.n2/o0"}),
        ".pick.n3": (
            {"inmemory:// flyte/ENTRY.search.n1.try.n1/dn0/o0", "flyte ENTRY.load.n2/o0"},
            {"flyte ENTRY.pick.n3/o0"},
        ),
    }


def test_the_stored_values_of_an_execution_are_datasets_and_nodes_without_a_task_are_none():
    record = a_cluster_record()
    train = {"flyte ENTRY.split.n0/train"}
    assert edges(record) == {
        "": (set(), set()),
        ".split.n0": ({"file shared/workshop/penguins.csv"}, train),
        ".score.n1-0-n0": (train, {"inmemory:// flyte/ENTRY.score.n1-0-n0/o0"}),
        ".search.n2": (set(), set()),
        ".search.n2.try.n2-0-dn0": (train, {"inmemory:// flyte/ENTRY.search.n2.try.n2-0-dn0/o0"}),
    }
    split = ends(events(record))[".split.n0"]
    (output,) = split["outputs"]
    assert output["facets"]["version"]["datasetVersion"] == record.tasks[0].outputs["train"]
    assert "outputStatistics" not in output.get("outputFacets", {})
    assert "version" not in split["inputs"][0]["facets"], "the hash of the data in the image is not known"
    assert tags(split)["outputs"].startswith(f"{STORE}/metadata/propeller/")


def test_the_versions_of_this_machine_are_not_those_of_an_execution():
    end = ends(events(a_cluster_record(), SOURCE))[""]
    found = tags(end)
    assert (found["python"], found["revision"], found["version"]) == ("unknown", "unknown", "63d7cbd0f8f9")
    assert (found["execution"], found["console"]) == ("r0a25e740597c692bdf", "http://localhost:30080/console")
    assert end["run"]["facets"]["processing_engine"]["version"] == "unknown"
    assert (end["producer"], "sourceCodeLocation" in end["job"]["facets"]) == (SOURCE, False)


def test_of_an_execution_of_which_only_addresses_are_known_these_are_the_datasets():
    record = a_cluster_record()
    record.tasks = record.tasks[:1]
    (split,) = record.tasks
    split.interface, split.outputs, split.written, record.sources = {}, {}, {}, {}
    folder = "s3://my-s3-bucket metadata/propeller/flytesnacks-development-r0a25e740597c692bdf/n0/data/0"
    assert edges(record)[".split.n0"] == ({f"{folder}/inputs.pb"}, {f"{folder}/outputs.pb"})


def test_what_a_failed_task_would_have_written_keeps_its_name_and_has_no_version():
    event = ends(events(a_record()))[".pick.n3"]
    assert event["eventType"] == "ABORT"
    (output,) = event["outputs"]
    assert set(output["facets"]) == {"datasetType"}


@pytest.mark.parametrize(
    ("status", "end"),
    [("cached", "COMPLETE"), ("recovered", "COMPLETE"), ("timed out", "FAIL"), ("failed", "FAIL"), ("cut off", "ABORT")],
)
def test_how_a_task_ended(status, end):
    record = a_record()
    record.tasks[0].status = status
    assert ends(events(record))[".split.n0"]["eventType"] == end


def test_a_task_that_was_skipped_did_not_run():
    record = a_record()
    record.tasks[-1].status = "skipped"
    assert ".pick.n3" not in ends(events(record))


def test_each_task_comes_after_those_that_it_reads_from_whatever_the_clocks_say():
    record = a_good_record("20261123-100000-abcd")
    record.tasks.reverse()
    for task in record.tasks:
        task.started = ""
    written: set[str] = set()
    made = {name for event in events(record) for name in names(event["outputs"])}
    for event in events(record):
        assert names(event["inputs"]) & made <= written
        written |= names(event["outputs"])


def test_a_record_whose_tasks_read_in_a_circle_is_damaged():
    record = a_record()
    record.tasks[0].sources["raw"] = [Source("task", "n3", "o0")]
    with pytest.raises(NoLineage, match="is damaged: a task reads its own output"):
        Events(record, "").all()


def version(record: Record, job: str) -> str:
    """The version of the only output of a job."""
    (output,) = ends(events(record))[job]["outputs"]
    return output["facets"]["version"]["datasetVersion"]


def test_a_version_is_the_content_wherever_it_lies():
    record = a_record()
    assert version(record, ".split.n0") == "a" * 64
    record.tasks[0].written["train"] = [Stored("nodes/n0/data/train", "9" * 64)]
    assert version(record, ".split.n0") == "9" * 64
    several, moved = a_record(), a_record()
    for found, folder in ((several, "attempt-0"), (moved, "attempt-1")):
        paths = [f"nodes/n0/{folder}/{name}" for name in "ab"]
        found.tasks[0].outputs["train"] = paths
        found.tasks[0].written["train"] = [Stored(path, name * 64) for path, name in zip(paths, "ab", strict=True)]
    assert version(several, ".split.n0") == version(moved, ".split.n0")
    moved.tasks[0].written["train"][0] = Stored("nodes/n0/attempt-1/a", "9" * 64)
    assert version(several, ".split.n0") != version(moved, ".split.n0")


def test_a_frame_that_the_run_got_is_called_by_the_input():
    record = a_record()
    frame = Stored("nodes/inputs/data/raw", "d" * 64)
    record.tasks[0].inputs["raw"], record.tasks[0].read["raw"] = frame.path, [frame]
    (data,) = ends(events(record))[".split.n0"]["inputs"]
    assert data["name"] == "some_lesson.workflow.entry/inputs/raw"
    assert data["facets"]["version"]["datasetVersion"] == "d" * 64


def test_a_task_without_inputs_reads_the_data_that_lies_with_the_code():
    record = a_record()
    split = record.tasks[0]
    split.inputs, split.sources, split.read, split.interface["inputs"] = {}, {}, {}, {}
    (data,) = ends(events(record))[".split.n0"]["inputs"]
    assert (data["namespace"], data["name"]) == ("file", "shared/workshop/penguins.csv")
    assert data["facets"]["version"]["datasetVersion"] == "2" * 64


def test_stored_data_has_its_columns_and_its_size_and_no_place_that_is_new_in_each_run():
    (train,) = ends(events(a_record()))[".split.n0"]["outputs"]
    assert train["facets"]["datasetType"]["datasetType"] == "FILE"
    assert train["facets"]["schema"]["fields"][0]["name"] == "x"
    statistics = train["outputFacets"]["outputStatistics"]
    assert (statistics["size"], statistics["fileCount"]) == (9, 2)
    assert "symlinks" not in train["facets"]


def test_values_are_temporary_outputs_of_jobs():
    (output,) = ends(events(a_record()))[".search.n1.try.n1/dn0"]["outputs"]
    kind = output["facets"]["datasetType"]
    assert (kind["datasetType"], kind["subType"]) == ("JOB_OUTPUT", "TEMPORARY")


def test_the_namespace_of_the_jobs_is_that_of_what_they_write(monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "team")
    (output,) = ends(events(a_record()))[".search.n1.try.n1/dn0"]["outputs"]
    assert output["name"].startswith("team/")
    assert {event["job"]["namespace"] for event in events(a_record())} == {"team"}


def tags(event: Json) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in event["run"]["facets"]["tags"]["tags"]}


def test_facets_tell_code_lock_error_and_the_run_that_computed_a_cached_result():
    jobs = ends(events(a_record(), SOURCE))
    location = jobs[""]["job"]["facets"]["sourceCodeLocation"]
    assert location["url"] == f"{SOURCE}/blob/{'1' * 40}/projects/flyte-basics/some_lesson/workflow.py"
    assert location["version"] == "1" * 40
    assert jobs[""]["run"]["facets"]["errorMessage"]["message"] == "the connection broke"
    assert tags(jobs[""])["run"] == "20261123-100000-abcd"
    wanted = {"status": "cached", "lock": "requirements-old.txt", "lock sha256": "0" * 64, "revision": "1" * 40}
    assert wanted.items() <= tags(jobs[".load.n2"]).items()
    (upstream,) = jobs[".load.n2"]["run"]["facets"]["jobDependencies"]["upstream"]
    assert upstream["job"]["name"] == "some_lesson.workflow.entry.load.n2"
    earlier = ends(events(a_record("20261122-100000-abcd")))[".load.n2"]
    assert upstream["run"]["runId"] == earlier["run"]["runId"]
