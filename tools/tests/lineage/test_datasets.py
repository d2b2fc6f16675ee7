"""The datasets of a run: how they are called, what their version is, and which job reads and writes them."""

from emitted_run import STORE, a_cluster_record, a_record, ends, events, names, tags

from runner.records.data import Stored
from runner.records.record import Record


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
