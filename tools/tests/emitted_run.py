"""Records to emit, and the schemas of the standard to validate what is emitted."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from openlineage.client.event_v2 import RunEvent
from openlineage.client.serde import Serde
from referencing import Registry, Resource

from runner.records.data import Source, Stored
from runner.records.record import Record, TaskRun
from tools.lineage.events import Events

SPEC = [json.loads(file.read_text()) for file in (Path(__file__).parent / "lineage" / "openlineage").glob("*.json")]
REGISTRY = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in SPEC)
EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json"
FACETS = {name: schema["$id"] for schema in SPEC for name in schema.get("properties", {})}
SOURCE = "https://git.example/team/lessons"

Json = dict[str, Any]


def as_json(event: RunEvent) -> Json:
    """An event as it is sent."""
    return json.loads(Serde.to_json(event))


def validate(event: Json) -> None:
    """Fails unless an event, and each of its facets, is as the standard says: shape, formats, version of the schema."""

    def check(address: str, value: Json) -> None:
        checker = Draft202012Validator.FORMAT_CHECKER
        Draft202012Validator({"$ref": address}, registry=REGISTRY, format_checker=checker).validate(value)

    check(EVENT, event)
    datasets = [*event["inputs"], *event["outputs"]]
    holders = [event["run"], event["job"], *datasets]
    found = [holder.get("facets", {}) for holder in holders]
    found += [holder.get(kind, {}) for holder in datasets for kind in ("inputFacets", "outputFacets")]
    for name, facet in [item for facets in found for item in facets.items()]:
        assert facet["_schemaURL"].split("#")[0] == FACETS[name]
        check(facet["_schemaURL"], facet)


STORED, VALUE = {"o0": "stored"}, {"o0": "value"}


def a_record(run: str = "20261123-100000-abcd") -> Record:
    """A run with every kind of source, of data and of end; its time is that in its name."""
    begin = datetime.strptime(f"{run[:15]}+0000", "%Y%m%d-%H%M%S%z")
    train = Stored("nodes/n0/data/train", "a" * 64, 9, 2, {"x": "int64"})
    copy, cached = replace(train, path="nodes/n1/data/copy"), Stored("../earlier/nodes/n2/data", "c" * 64, 5)
    away = Stored("s3://bucket/some/key", "", files=0)
    tasks = [
        TaskRun("split", {"seed": 1, "raw": "/data/raw.csv"}, "succeeded", 0.5, {"train": train.path}, id="n0"),
        TaskRun("search", {"train": train.path, "c": 1}, "succeeded", 0.5, id="n1"),
        TaskRun("try", {"train": copy.path, "c": 1}, "recoverable", 0.5, error="the connection broke", id="n1/dn0"),
        TaskRun("try", {"train": copy.path, "c": 1}, "succeeded", 0.5, {"o0": 1}, id="n1/dn0", attempt=1),
        TaskRun("load", {"from": away.path}, "cached", 0.1, {"o0": cached.path}, id="n2"),
        TaskRun("pick", {"scores": [1, 1], "data": cached.path}, "aborted", None, id="n3"),
    ]
    split, search, first, second, load, pick = tasks
    split.sources = {"seed": [Source("input", "", "seed")], "raw": [Source("input", "", "raw")]}
    split.read, split.written = {"raw": [Stored("/data/raw.csv", "d" * 64, 3)]}, {"train": [train]}
    search.sources = {"train": [Source("task", "n0", "train")], "c": [Source("constant")]}
    search.read = {"train": [train]}
    for task in (first, second):
        task.parent, task.read = "n1", {"train": [copy]}
        task.sources = {"train": [Source("body", "n1")], "c": [Source("body", "n1")]}
    load.sources, load.read, load.written = {"from": [Source("constant")]}, {"from": [away]}, {"o0": [cached]}
    load.computed_by, load.computed_as = "20261122-100000-abcd", "n2"
    pick.sources = {"scores": [Source("task", "n1/dn0", "o0")], "data": [Source("task", "n2", "o0")]}
    pick.read = {"data": [cached]}
    outputs = ({"train": "stored"}, VALUE, VALUE, VALUE, STORED, STORED)
    for number, (task, kinds) in enumerate(zip(tasks, outputs, strict=True)):
        task.task, task.lock = f"some_lesson.workflow.{task.name}", "requirements-old.txt"
        task.started = (begin + timedelta(seconds=number)).isoformat(timespec="milliseconds")
        task.interface = {"inputs": dict.fromkeys(task.inputs, "value"), "outputs": kinds}
    return Record(
        lesson="flyte-basics",
        title="…",
        entry_point="some_lesson.workflow:entry",
        run=run,
        command="make run PROJECT=flyte-basics",
        inputs={"seed": 1, "raw": "/data/raw.csv"},
        started=begin.isoformat(),
        ended=(begin + timedelta(seconds=9)).isoformat(timespec="milliseconds"),
        provenance={
            "revision": "1" * 40,
            "uncommitted changes": True,
            "code sha256": "e" * 64,
            "data sha256": "f" * 64,
            "shared/workshop/penguins.csv sha256": "2" * 64,
            "requirements-old.txt sha256": "0" * 64,
            "flytekit": "1.16.31",
        },
        status="failed",
        seconds=9.0,
        outputs={},
        error="the connection broke",
        tasks=tasks,
        sources={"score": [Source("task", "n1/dn0", "o0")]},
    )


def a_good_record(run: str) -> Record:
    """The same run, had no task failed for good."""
    record = a_record(run)
    pick, model = record.tasks[-1], Stored("nodes/n3/m.joblib", "b" * 64, 7)
    pick.status, pick.seconds, pick.outputs, pick.written = "succeeded", 0.5, {"o0": model.path}, {"o0": [model]}
    record.status, record.error = "succeeded", None
    return record


STORE = "s3://my-s3-bucket"


def a_cluster_record() -> Record:
    """An execution on a cluster: all that it stored lies in the cluster's store, under addresses of its own.

    The node n1 is a sub-workflow, the node n2 a dynamic workflow.
    """
    name = "r0a25e740597c692bdf"
    folder = f"{STORE}/metadata/propeller/flytesnacks-development-{name}"
    train = Stored(f"{STORE}/data/xy/{name}-n0-0/5972fe2e", "", files=0)
    tasks = [
        TaskRun("split (n0)", {}, "succeeded", 5.0, {"train": train.path}, id="n0"),
        TaskRun("node (n1)", {"x": train.path}, "succeeded", 9.0, {"o0": 0.5}, id="n1"),
        TaskRun("score (n1-0-n0)", {"x": train.path}, "succeeded", 8.0, {"o0": 0.5}, id="n1-0-n0", parent="n1"),
        TaskRun("search (n2)", {"x": train.path}, "succeeded", 6.0, {"o0": [0.5]}, id="n2"),
        TaskRun("try (n2-0-dn0)", {"x": train.path}, "recovered", None, {"o0": 0.5}, id="n2-0-dn0", parent="n2"),
    ]
    split, node, score, search, attempt = tasks
    split.written = {"train": [train]}
    made = [Source("task", "n0", "train")]
    for task, sources in ((node, made), (score, made), (search, made), (attempt, [Source("body", "n2")])):
        task.sources, task.read = {"x": sources}, {"x": [train]}
    for task, outputs in ((split, {"train": "stored"}), (score, VALUE), (search, VALUE), (attempt, VALUE)):
        task.task = f"some_lesson.workflow.{task.name.split()[0]}"
        task.interface = {"inputs": dict.fromkeys(task.sources, "stored"), "outputs": outputs}
        task.started = "2026-11-29T23:15:38.000+00:00"
        task.addresses = {what: f"{folder}/{task.id}/data/0/{what}.pb" for what in ("inputs", "outputs")}
    unknown = dict.fromkeys(("revision", "code sha256", "shared/workshop/penguins.csv sha256", "python"), "unknown")
    return Record(
        lesson="flyte-basics",
        title="…",
        entry_point="some_lesson.workflow:entry",
        run="20261130-120000-abcd",
        command=f"make watch PROJECT=flyte-basics EXECUTION={name}",
        inputs={},
        started="2026-11-29T23:15:37+00:00",
        ended="2026-11-29T23:17:00.000+00:00",
        provenance={"version": "63d7cbd0f8f9", **unknown},
        status="succeeded",
        outputs={"score": 0.5},
        tasks=tasks,
        sources={"score": [Source("task", "n1-0-n0", "o0")]},
        kind="execution",
        execution=name,
        console="http://localhost:30080/console",
    )


def events(record: Record, source: str = "") -> list[Json]:
    return [as_json(event) for event in Events(record, source).all()]


def ends(events: list[Json]) -> dict[str, Json]:
    """The last event of each job."""
    return {event["job"]["name"].removeprefix("some_lesson.workflow.entry"): event for event in events}


def names(datasets: list[Json]) -> set[str]:
    return {f"{item['namespace']} {item['name'].replace('some_lesson.workflow.entry', 'ENTRY')}" for item in datasets}


def tags(event: Json) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in event["run"]["facets"]["tags"]["tags"]}
