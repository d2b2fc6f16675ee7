"""What is emitted of a run is valid by the standard's own schemas, and says what the record says."""

import json
from dataclasses import replace
from uuid import UUID

import pytest
from emitted_run import SOURCE, Json, a_cluster_record, a_good_record, a_record, ends, events, names, tags, validate
from jsonschema import ValidationError
from openlineage.client.uuid import generate_static_uuid

from runner.records.data import Source
from runner.records.find import NoLineage
from tools.lineage.events import Events, began


@pytest.mark.parametrize("source", [SOURCE, ""])
@pytest.mark.parametrize("record", [a_record(), a_good_record("20261124-100000-abcd"), a_cluster_record()])
def test_every_event_and_facet_is_valid(record, source):
    for event in events(record, source):
        validate(event)


def test_the_schemas_do_find_faults():
    event = next(
        event for event in events(a_record(), SOURCE) if "parent" in event["run"]["facets"] and event["inputs"]
    )
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


def test_the_versions_of_this_machine_are_not_those_of_an_execution():
    end = ends(events(a_cluster_record(), SOURCE))[""]
    found = tags(end)
    assert (found["python"], found["revision"], found["version"]) == ("unknown", "unknown", "63d7cbd0f8f9")
    assert (found["execution"], found["console"]) == ("r0a25e740597c692bdf", "http://localhost:30080/console")
    assert end["run"]["facets"]["processing_engine"]["version"] == "unknown"
    assert (end["producer"], "sourceCodeLocation" in end["job"]["facets"]) == (SOURCE, False)


@pytest.mark.parametrize(
    ("status", "end"),
    [
        ("cached", "COMPLETE"),
        ("recovered", "COMPLETE"),
        ("timed out", "FAIL"),
        ("failed", "FAIL"),
        ("cut off", "ABORT"),
    ],
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
    reads, called, handed = a_record(), a_record(), a_record()
    reads.tasks[0].sources["raw"] = [Source("task", "n3", "o0")]
    called.tasks[1].parent = "n1/dn0"
    handed.tasks[1].sources["c"] = [Source("body", "n1")]
    for record in (reads, called, handed):
        with pytest.raises(NoLineage, match="is damaged: a task depends on itself"):
            Events(record, "").all()


def test_of_a_failed_task_of_which_nothing_is_known_nothing_is_sent():
    """As in the record of an older version."""
    record = a_record()
    for task in record.tasks:
        task.interface = {}
    assert ".pick.n3" not in ends(events(record))
    assert ends(events(record))[".search.n1.try.n1/dn0"]["eventType"] == "COMPLETE"


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
