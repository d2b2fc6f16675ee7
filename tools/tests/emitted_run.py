"""A record to emit, and the schemas of the standard to validate what is emitted."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from runner.records.data import Source, Stored
from runner.records.record import Record, TaskRun

SPEC = [json.loads(file.read_text()) for file in (Path(__file__).parent / "lineage" / "openlineage").glob("*.json")]
REGISTRY = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in SPEC)
EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json"
FACETS = {name: schema["$id"] for schema in SPEC for name in schema.get("properties", {})}
SOURCE = "https://git.example/team/lessons"

Json = dict[str, Any]


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


def a_record() -> Record:
    """A run with every kind of source, of data and of end."""
    train, model = (
        Stored("nodes/n0/data/train", "a" * 64, 9, 2, {"x": "int64"}),
        Stored("nodes/n3/m.joblib", "b" * 64, 7),
    )
    copy, cached = replace(train, path="nodes/n1/data/copy"), Stored("../earlier/tasks/01/data", "c" * 64, 5)
    away = Stored("s3://bucket/some/key", "", files=0)
    tasks = [
        TaskRun("split", {"seed": 1, "raw": "/data/raw.csv"}, "succeeded", 0.5, {"train": train.path}, id="n0"),
        TaskRun("search", {"train": train.path}, "succeeded", 0.5, id="n1"),
        TaskRun("try", {"train": copy.path, "c": 1}, "recoverable", 0.5, error="the connection broke", id="n1/dn0"),
        TaskRun("try", {"train": copy.path, "c": 1}, "succeeded", 0.5, {"o0": 1}, id="n1/dn0", attempt=1),
        TaskRun("load", {"from": away.path}, "cached", 0.1, {"o0": cached.path}, id="n2"),
        TaskRun("pick", {"scores": [1, 1], "data": cached.path}, "aborted", None, {"o0": model.path}, id="n3"),
    ]
    split, search, first, second, load, pick = tasks
    split.sources = {"seed": [Source("input", "", "seed")], "raw": [Source("input", "", "raw")]}
    split.read, split.written = {"raw": [Stored("/data/raw.csv", "d" * 64, 3)]}, {"train": [train]}
    search.sources, search.read = {"train": [Source("task", "n0", "train")]}, {"train": [train]}
    for task in (first, second):
        task.parent, task.read = "n1", {"train": [copy]}
        task.sources = {"train": [Source("body", "n1")], "c": [Source("body", "n1")]}
    load.sources, load.read, load.written = {"from": [Source("constant")]}, {"from": [away]}, {"o0": [cached]}
    load.computed_by, load.computed_as = "earlier", "01"
    pick.sources = {"scores": [Source("task", "n1/dn0", "o0")], "data": [Source("task", "n2", "o0")]}
    for number, task in enumerate(tasks):
        task.task, task.lock = f"some_lesson.workflow.{task.name}", "requirements-old.txt"
        task.started = f"2026-11-23T10:00:0{number}.000+00:00"
    return Record(
        lesson="flyte-basics",
        title="…",
        entry_point="some_lesson.workflow:entry",
        run="20261123-100000-abcd",
        command="make run PROJECT=flyte-basics",
        inputs={"seed": 1, "raw": "/data/raw.csv"},
        started="2026-11-23T10:00:00+00:00",
        ended="2026-11-23T10:00:09.000+00:00",
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
