"""What a server draws from our events, by a model of Marquez: one producer for each dataset, the newest run current."""

from dataclasses import replace

import pytest
from emitted_run import a_cluster_record, a_good_record, a_record, events
from marquez import Marquez, name_of

from runner.records.record import Record

OLD, NEW = "20261123-100000-abcd", "20261124-100000-abcd"
RECORDS = [a_record(), a_good_record(NEW), a_cluster_record()]


def ids(record: Record) -> set[str]:
    return {event["run"]["runId"] for event in events(record)}


def makers(server: Marquez) -> set[str]:
    """The runs whose versions of written datasets are current."""
    return {version[1] for name, version in server.current.items() if version and name in server.producers()}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.run)
def test_each_dataset_has_one_producer_and_a_run_reads_what_it_wrote(record):
    server = Marquez().take_all(events(record))
    assert server.producers()
    assert {name: len(jobs) for name, jobs in server.producers().items()} == dict.fromkeys(server.producers(), 1)
    read = {version for run in server.runs.values() for version in run.reads}
    for name, run in read:
        if name in server.producers():
            assert (name, run) in server.runs[run].writes, "read before it was written"
    assert not server.made_up


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.run)
def test_parents_have_no_datasets(record):
    sent = events(record)
    parents = {event["run"]["facets"]["parent"]["run"]["runId"] for event in sent if "parent" in event["run"]["facets"]}
    assert parents
    for event in sent:
        if event["run"]["runId"] in parents:
            assert (event["inputs"], event["outputs"]) == ([], [])


def test_the_graph_leads_from_the_data_to_the_last_task():
    edges = Marquez().take_all(events(a_good_record(NEW))).edges
    jobs = {job: name.removeprefix("some_lesson.workflow.entry.") for job, _, (_, name) in edges for name in [job[1]]}
    by_dataset = {name: jobs[job] for job, kind, name in edges if kind == "outputs"}
    assert {(by_dataset.get(name, name[1]), jobs[job]) for job, kind, name in edges if kind == "inputs"} == {
        ("/data/raw.csv", "split.n0"),
        ("split.n0", "search.n1.try.n1/dn0"),
        ("some/key", "load.n2"),
        ("search.n1.try.n1/dn0", "pick.n3"),
        ("load.n2", "pick.n3"),
    }


def test_the_newest_run_is_current_and_equal_data_is_another_version():
    old, new = a_good_record(OLD), a_good_record(NEW)
    server = Marquez().take_all(events(old))
    versions = len(server.versions)
    assert makers(server) <= ids(old)
    server.take_all(events(new))
    assert makers(server) <= ids(new)
    written = sum(len(run.writes) for run in server.runs.values() if run.state == "COMPLETE") // 2
    assert len(server.versions) == versions + written + 1  # and one for the attempt that failed


def test_an_old_run_that_is_sent_after_the_new_one_is_current_until_the_new_one_is_sent_again():
    old, new = a_good_record(OLD), a_good_record(NEW)
    server = Marquez().take_all([*events(new), *events(old)])
    assert makers(server) <= ids(old), "which is why an old run is sent only if it is named"
    runs = len(server.runs)
    server.take_all(events(new))
    assert makers(server) <= ids(new)
    assert len(server.runs) == runs, "a run that is sent twice is one run"


def test_no_event_takes_an_edge_away_and_a_failed_run_makes_nothing_of_its_own_current():
    old, failed = a_good_record(OLD), a_record(NEW)
    server = Marquez().take_all(events(old))
    edges, model = server.edges, ("flyte", "some_lesson.workflow.entry.pick.n3/o0")
    before = server.current[model]
    for event in events(failed):
        server.take(event)
        assert server.edges >= edges, (event["eventType"], event["job"]["name"])
    assert server.current[model] == before


def test_runs_add_no_rows_for_names():
    server = Marquez().take_all(events(a_good_record(OLD)))
    rows = set(server.rows)
    server.take_all(event for day in range(10, 20) for event in events(a_good_record(f"202612{day}-100000-abcd")))
    assert server.rows == rows
    again = replace(a_cluster_record(), execution="r1", tasks=elsewhere(a_cluster_record()))
    server = Marquez().take_all(events(a_cluster_record()))
    rows = set(server.rows)
    assert server.take_all(events(again)).rows == rows


def elsewhere(record: Record) -> list:
    """The tasks of an execution with other addresses in the store."""
    for task in record.tasks:
        for items in (task.read, task.written):
            for name, found in items.items():
                items[name] = [replace(item, path=f"{item.path}-again") for item in found]
        task.inputs = {name: f"{value}-again" for name, value in task.inputs.items()}
        task.outputs = {name: f"{v}-again" if str(v).startswith("s3") else v for name, v in task.outputs.items()}
    return record.tasks


def test_the_model_finds_what_is_wrong_with_other_events():
    sent = events(a_good_record(OLD))
    server = Marquez().take_all(sent)
    edges = server.edges
    start = next(event for event in sent if ".split." in event["job"]["name"])
    server.take({**start, "outputs": []})
    assert server.edges < edges

    (end,) = (event for event in sent if event["eventType"] == "COMPLETE" and "pick" in event["job"]["name"])
    server = Marquez().take_all([*sent[:-1], {**sent[-1], "outputs": end["outputs"]}])
    assert len(server.producers()[name_of(end["outputs"][0])]) == 2
    assert Marquez().take_all(sent[2:]).made_up
    link = {"symlinks": {"identifiers": [{"namespace": "file", "name": "out/x", "type": "LOCATION"}]}}
    (output,) = end["outputs"]
    server = Marquez().take_all([{**end, "outputs": [{**output, "facets": link}]}])
    assert ("file", "out/x") in server.rows
