"""What is emitted of a run is valid by the standard's own schemas, and tells what the record tells."""

import json
from dataclasses import replace
from datetime import datetime

import pytest
from emitted_run import SOURCE, Json, a_record, validate
from jsonschema import ValidationError

from tools.events import Events


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
    run = "flyte-basics/20261123-100000-abcd"
    return {f"{item['namespace']} {item['name'].replace(run, 'RUN')}" for item in datasets}


def test_tasks_are_connected_by_what_they_store_and_by_values(emitted):
    jobs = ends(emitted()[2])
    assert {name: (names(event["inputs"]), names(event["outputs"])) for name, event in jobs.items()} == {
        "": ({"flyte RUN/inputs/seed", "flyte RUN/inputs/raw"}, {"flyte RUN/n1/dn0/o0"}),
        ".split.n0": ({"flyte RUN/inputs/seed", "file /data/raw.csv"}, {"file RUN/nodes/n0/data/train"}),
        ".search.n1": (
            {"file RUN/nodes/n0/data/train"},
            {"file RUN/nodes/n1/data/copy", "flyte RUN/n1/dn0/inputs/c"},
        ),
        ".try.n1/dn0": ({"file RUN/nodes/n1/data/copy", "flyte RUN/n1/dn0/inputs/c"}, {"flyte RUN/n1/dn0/o0"}),
        ".load.n2": ({"s3://bucket some/key"}, {"file flyte-basics/earlier/tasks/01/data"}),
        ".pick.n3": (
            {"flyte RUN/n1/dn0/o0", "file flyte-basics/earlier/tasks/01/data"},
            {"flyte RUN/n3/o0"},
        ),
    }


def test_stored_data_has_its_hash_as_version_its_columns_and_its_size(emitted):
    (train,) = ends(emitted()[2])[".split.n0"]["outputs"]
    assert train["facets"]["version"]["datasetVersion"] == "a" * 64
    assert train["facets"]["schema"]["fields"][0]["name"] == "x"
    statistics = train["outputFacets"]["outputStatistics"]
    assert (statistics["size"], statistics["fileCount"]) == (9, 2)


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
