"""The datasets of OpenLineage in a run's record: what they are called, and where they lie.

What a task gives is a dataset of the namespace of the jobs, called by the job and the output, a value as well as what
is stored; where that lies is told by a symlink. So its name is the same in every run, and its version is the hash of
its content. Data from elsewhere is called by its own path or address.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from openlineage.client import facet_v2 as facets
from openlineage.client.event_v2 import InputDataset, OutputDataset

from runner.records.data import BODY, CONSTANT, INPUT, Source, Stored
from runner.records.lineage import last
from runner.records.record import Record, TaskRun, short_name


@dataclass(frozen=True)
class Data:
    """A dataset: a stored file or folder, or a value.

    Attributes:
        version: the hash of its content; empty if that is not known.
        kind: what the standard calls its type; empty for what it has no word for.
        place: namespace and name of where it lies, if its own do not say so.
    """

    namespace: str
    name: str
    version: str
    kind: str = ""
    stored: Stored | None = None
    place: tuple[str, str] | None = None

    @property
    def facets(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.kind:
            found["datasetType"] = facets.dataset_type_dataset.DatasetTypeDatasetFacet(self.kind)
        if self.version:
            found["version"] = facets.dataset_version_dataset.DatasetVersionDatasetFacet(self.version)
        if self.place:
            link = facets.symlinks_dataset.Identifier(*self.place, type="LOCATION")
            found["symlinks"] = facets.symlinks_dataset.SymlinksDatasetFacet([link])
        if self.stored and self.stored.columns:
            column = facets.schema_dataset.SchemaDatasetFacetFields
            columns = [column(name=name, type=kind) for name, kind in self.stored.columns.items()]
            found["schema"] = facets.schema_dataset.SchemaDatasetFacet(columns)
        return found

    def input(self) -> InputDataset:
        return InputDataset(self.namespace, self.name, facets=self.facets)

    def output(self) -> OutputDataset:
        statistics = facets.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet
        known = self.stored if self.stored and self.stored.sha256 else None
        found = {"outputStatistics": statistics(size=known.size, fileCount=known.files)} if known else {}
        return OutputDataset(self.namespace, self.name, facets=self.facets, outputFacets=found)


def job_name(workflow: str, task: TaskRun, call: str) -> str:
    """How the job of a task is called, and what it gives is called after."""
    return f"{workflow}.{short_name(task.task)}.{call}"


class Datasets:
    """The datasets of one run.

    Args:
        record: the record of the run.
        namespace: that of the jobs.
        workflow: the name of the job of the entry point.
    """

    def __init__(self, record: Record, namespace: str, workflow: str):
        self.record = record
        self.namespace = namespace
        self.workflow = workflow
        self.handed, self.files_given, self.stored_inside = handed(record), files_given(record), stored_inside(record)
        self.names = self.names_of_stored()
        with_code = record.data_with_code.items()
        self.with_code = [Data("file", name, content, "FILE") for name, content in with_code]

    def taken(self, task: TaskRun) -> list[Data]:
        """What a task read: the stored data of its inputs, and the values that others gave it, or the code's data."""
        found = [self.file(item) for items in task.read.values() for item in items]
        for name, value in task.inputs.items():
            if value not in [item.path for item in task.read.get(name, [])]:
                found += self.made(task.sources.get(name, []), task, name)
        return self.with_code if task.has_no_inputs else found

    def made(self, sources: list[Source], task: TaskRun | None = None, name: str = "") -> list[Data]:
        """What values were made as: outputs of tasks, inputs of the run, what a dynamic workflow handed to a task."""
        found = []
        for source in sources:
            if source.kind == INPUT:
                found += self.run_input(source.name)
            elif source.kind == BODY and task:
                found.append(self.value(self.name_of_input(task, name), task.inputs[name], "JOB_OUTPUT"))
            elif source.kind not in (BODY, CONSTANT):
                found += self.output(last(self.record, source.task), source.name)
        return found

    def given(self, task: TaskRun) -> list[Data]:
        """What a task wrote; a dynamic workflow's is also what its body handed to tasks."""
        found = [data for name in task.outputs for data in self.output(task, name)]
        for other, name in self.handed.get(task.id, []):
            read = other.read.get(name, [])
            found += [self.file(item) for item in read] or self.made(other.sources[name], other, name)
        return found

    def output(self, task: TaskRun, name: str) -> list[Data]:
        """An output of a task: what it stored, but not what it only hands on, or else the value."""
        found = [self.file(item) for item in self.new(task, name)]
        value = task.outputs.get(name)
        if value not in [item.path for item in task.written.get(name, [])]:
            found.append(self.value(self.name_of_output(task, name), value, "JOB_OUTPUT"))
        return found

    def new(self, task: TaskRun, name: str) -> list[Stored]:
        """What a task stored as an output, without what it was given, or what a task inside it has stored."""
        handed_on = paths(task.read) | self.stored_inside.get(task.id, set())
        return [item for item in task.written.get(name, []) if item.path not in handed_on]

    def name_of_output(self, task: TaskRun, name: str) -> str:
        """How an output is called: a cached one as it was when it was computed."""
        return f"{job_name(self.workflow, task, task.computed_as or task.id)}/{name}"

    def name_of_input(self, task: TaskRun, name: str) -> str:
        return f"{job_name(self.workflow, task, task.id)}/inputs/{name}"

    def names_of_stored(self) -> dict[str, str]:
        """How what is stored is called, by its path, unless by that: as what made it, which is the same in each run."""
        tasks = sorted(self.record.tasks, key=lambda task: (task.id, task.attempt))
        called = [(self.name_of_output(task, name), self.new(task, name)) for task in tasks for name in task.written]
        called += [
            (self.name_of_input(task, name), inside_runs(task.read.get(name, [])))
            for calls in self.handed.values()
            for task, name in sorted(calls, key=lambda call: call[0].id)
        ]
        called += [(f"{self.workflow}/inputs/{name}", inside_runs(items)) for name, items in self.files_given.items()]
        names: dict[str, str] = {}
        for name, items in called:
            for number, item in enumerate(items):
                names.setdefault(item.path, name if len(items) == 1 else f"{name}/{number}")
        return names

    def run_input(self, name: str) -> list[Data]:
        """An input of the run: what is stored of it, as the tasks read it, or else the value."""
        value = self.value(f"{self.workflow}/inputs/{name}", self.record.inputs.get(name))
        return [self.file(item) for item in self.files_given.get(name, [])] or [value]

    def value(self, name: str, value: Any, kind: str = "") -> Data:
        text = json.dumps(value, sort_keys=True, default=repr)
        return Data(self.namespace, name, sha256(text.encode()).hexdigest(), kind)

    def file(self, item: Stored) -> Data:
        """Stored data: what a task made by its name, with where it lies; other data by where it lies."""
        place = self.place(item.path)
        if item.path not in self.names:
            return Data(*place, item.sha256, "FILE", item)
        return Data(self.namespace, self.names[item.path], item.sha256 or item.path, "FILE", item, place)

    def place(self, path: str) -> tuple[str, str]:
        """Namespace and name by the standard's rules: a path, or of an address its bucket and the rest."""
        if "://" in path:
            address = urlsplit(path)
            return f"{address.scheme}://{address.netloc}", address.path.lstrip("/") or "/"
        if not path.startswith("/"):
            inside = path.removeprefix("../") if path.startswith("../") else f"{self.record.run}/{path}"
            path = f"{self.record.lesson}/{inside}"
        return "file", path


def inside_runs(items: list[Stored]) -> list[Stored]:
    """What of stored data lies in a folder of a run of the lesson: what has a relative path."""
    return [item for item in items if "://" not in item.path and not item.path.startswith("/")]


def paths(data: dict[str, list[Stored]]) -> set[str]:
    return {item.path for items in data.values() for item in items}


def stored_inside(record: Record) -> dict[str, set[str]]:
    """Of each dynamic workflow, by its id, the paths of what the tasks in its body have stored."""
    found: dict[str, set[str]] = {}
    for task in record.tasks:
        found.setdefault(task.parent, set()).update(paths(task.written))
    return found


def files_given(record: Record) -> dict[str, list[Stored]]:
    """What is stored of the inputs of a run, by the input, as far as tasks have read it as it was."""
    found: dict[str, dict[str, Stored]] = {}
    for task in sorted(record.tasks, key=lambda task: task.id):
        for name, items in task.read.items():
            sources = task.sources.get(name, [])
            if [source.kind for source in sources] == [INPUT]:
                found.setdefault(sources[0].name, {}).update((item.path, item) for item in items)
    return {name: list(items.values()) for name, items in found.items()}


def handed(record: Record) -> dict[str, list[tuple[TaskRun, str]]]:
    """Of each dynamic workflow, by its id, which inputs of which tasks its body made or handed on."""
    found: dict[str, list[tuple[TaskRun, str]]] = {}
    for task in record.tasks:
        for name, sources in task.sources.items():
            for parent in {source.task for source in sources if source.kind == BODY}:
                found.setdefault(parent, []).append((task, name))
    return found
