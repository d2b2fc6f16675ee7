"""The datasets of OpenLineage in a run's record: how they are called, and which task reads and writes them.

An output of a task is one dataset, called by the job and the output. So its name is the same in every run, it has one
producer, and no row of a server is there for one run only. Stored outputs are in the namespace of the jobs, values in
the one that the standard has for temporary data. Data from elsewhere is called by its own path or address.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from openlineage.client import facet_v2 as facets
from openlineage.client.event_v2 import InputDataset, OutputDataset

from runner.records.data import BODY, INPUT, STORED, TASK, VALUE, Source, Stored
from runner.records.lineage import last, same_content
from runner.records.record import Record, TaskRun, short_name

# Of data that lies nowhere but in the run, by the naming conventions of the standard.
IN_MEMORY = "inmemory://"
# Statuses of a task that has outputs.
DONE = ("succeeded", "cached", "recovered")


@dataclass(frozen=True)
class Data:
    """A dataset: stored data, or a value.

    Attributes:
        version: the hash of its content, or the address where it lies; empty if neither is known.
        items: what is stored of it.
    """

    namespace: str
    name: str
    version: str = ""
    items: tuple[Stored, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What distinguishes it from other datasets."""
        return self.namespace, self.name

    @property
    def facets(self) -> dict[str, Any]:
        kind = facets.dataset_type_dataset.DatasetTypeDatasetFacet
        is_value = self.namespace == IN_MEMORY
        found: dict[str, Any] = {"datasetType": kind("JOB_OUTPUT", "TEMPORARY") if is_value else kind("FILE")}
        if self.version:
            found["version"] = facets.dataset_version_dataset.DatasetVersionDatasetFacet(self.version)
        if self.items and self.items[0].columns:
            column = facets.schema_dataset.SchemaDatasetFacetFields
            columns = [column(name=name, type=kind) for name, kind in self.items[0].columns.items()]
            found["schema"] = facets.schema_dataset.SchemaDatasetFacet(columns)
        return found

    def input(self) -> InputDataset:
        return InputDataset(self.namespace, self.name, facets=self.facets)

    def output(self) -> OutputDataset:
        found: dict[str, Any] = {}
        if self.items and all(item.sha256 for item in self.items):
            statistics = facets.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet
            size, files = (sum(getattr(item, what) for item in self.items) for what in ("size", "files"))
            found["outputStatistics"] = statistics(size=size, fileCount=files)
        return OutputDataset(self.namespace, self.name, facets=self.facets, outputFacets=found)


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
        self.parents = {task.parent for task in record.tasks} - {""}
        self.makers = {
            item.path: (task, name)
            for task in reversed(record.tasks)
            if task.id not in self.parents
            for name, items in task.written.items()
            for item in items
        }

    def job_name(self, task: TaskRun) -> str:
        """How the job of a task is called: after the job of the dynamic workflow whose body called it, if one did."""
        parent = self.parent(task)
        return f"{self.job_name(parent) if parent else self.workflow}.{short_name(task.task)}.{task.id}"

    def parent(self, task: TaskRun) -> TaskRun | None:
        """The dynamic workflow whose body called a task; None if none did."""
        if not task.parent:
            return None
        caller = last(self.record, task.parent)
        return caller if caller.task else self.parent(caller)

    def is_known(self, task: TaskRun) -> bool:
        """Whether the record says what a task gives, or would have given had it not failed."""
        return bool(task.interface or task.outputs) or task.status in DONE or task.id in self.parents

    def taken(self, task: TaskRun) -> list[Data]:
        """What a task read; a dynamic workflow as such reads nothing, its tasks do."""
        return [] if task.id in self.parents else self.inputs(task)

    def given(self, task: TaskRun) -> list[Data]:
        """What a task wrote; of one that failed what it would have written, without a version."""
        if task.id in self.parents:
            return []
        names = dict.fromkeys([*task.interface.get("outputs", {}), *task.outputs])
        if not names and not task.interface and task.status in DONE and "outputs" in task.addresses:
            return [self.elsewhere(Stored(task.addresses["outputs"], ""))]
        return [self.output(task, name) for name in names]

    def inputs(self, task: TaskRun) -> list[Data]:
        """The datasets of a task's inputs; of a task without inputs the data that lies with the code."""
        if task.has_no_inputs:
            files = self.record.data_with_code.items()
            return [Data("file", name, content if is_hash(content) else "") for name, content in files]
        names = dict.fromkeys([*task.sources, *task.inputs])
        if not names and "inputs" in task.addresses:
            return [self.elsewhere(Stored(task.addresses["inputs"], ""))]
        return unique(data for name in names for data in self.input(task, name))

    def input(self, task: TaskRun, name: str) -> list[Data]:
        """What an input was made as: outputs of tasks, or data from elsewhere. A value that the run got is none."""
        read = task.read.get(name, [])
        sources = task.sources.get(name, [])
        if made := [data for source in sources for data in self.origin(source, read)]:
            return made
        own = [item for item in read if lies_in_a_run(item)]
        others = [self.elsewhere(item) for item in read if not lies_in_a_run(item)]
        if not own:
            return others
        of_run = [source.name for source in sources if source.kind == INPUT]
        called = f"{self.workflow}/inputs/{of_run[0]}" if of_run else f"{self.job_name(task)}/inputs/{name}"
        return [self.stored(called, own), *others]

    def origin(self, source: Source, read: list[Stored]) -> list[Data]:
        """The datasets that a source names.

        The body of a dynamic workflow is plain Python: of what it hands on, its inputs are the sources, one of them if
        the content is the same.
        """
        if source.kind == TASK:
            return [self.output(last(self.record, source.task), source.name)]
        if source.kind != BODY:
            return []
        if makers := [self.makers[item.path] for item in read if item.path in self.makers]:
            return [self.output(*maker) for maker in makers]
        caller = last(self.record, source.task)
        same = same_content(read, caller)
        return self.input(caller, same) if same else self.inputs(caller)

    def output(self, task: TaskRun, name: str) -> Data:
        """An output of a task."""
        items = task.written.get(name, [])
        kind = task.interface.get("outputs", {}).get(name) or (STORED if items else VALUE)
        called = f"{self.job_name(task)}/{name}"
        if name in task.outputs:
            version = version_of(task.outputs[name], items)
        else:
            version = task.addresses.get("outputs", "") if task.status in DONE else ""
        if kind == STORED:
            return Data(self.namespace, called, version, tuple(items))
        return Data(IN_MEMORY, f"{self.namespace}/{called}", version, tuple(items))

    def stored(self, name: str, items: list[Stored]) -> Data:
        return Data(self.namespace, name, version_of([item.path for item in items], items), tuple(items))

    def elsewhere(self, item: Stored) -> Data:
        """Data by where it lies, as the standard's rules name it: a path, or of an address its bucket and the rest."""
        if "://" in item.path:
            address = urlsplit(item.path)
            namespace, name = f"{address.scheme}://{address.netloc}", address.path.lstrip("/") or "/"
            return Data(namespace, name, item.sha256, (item,))
        return Data("file", item.path, item.sha256, (item,))


def version_of(value: Any, items: list[Stored]) -> str:
    """The hash of a value, in which the content of what is stored stands for its path.

    Of a single piece of stored data it is the hash of its content, or where that is not known, its address.
    """
    if len(items) == 1 and value in (items[0].path, [items[0].path]):
        return items[0].sha256 or items[0].path
    text = json.dumps(value, sort_keys=True, default=repr)
    for item in items:
        text = text.replace(item.path, item.sha256 or item.path)
    return sha256(text.encode()).hexdigest()


def lies_in_a_run(item: Stored) -> bool:
    """Whether stored data lies in the folder of a run of the lesson: its path is relative then."""
    return "://" not in item.path and not item.path.startswith("/")


def is_hash(text: Any) -> bool:
    return isinstance(text, str) and len(text) == 64


def unique(found: Iterable[Data]) -> list[Data]:
    """Each dataset once."""
    return list({data.key: data for data in found}.values())
