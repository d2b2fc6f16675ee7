"""A run's record as OpenLineage events.

A run of the entry point is a run of a job, and so is each attempt of a task, with the first as its parent. What is
stored is a dataset of the namespace `file`, called by its path below out/; a value that a task gave, or that the run
got, is one of the namespace of the jobs, so that no connection between tasks is lost. The version of either is its
hash. Needs the library of the standard, which is in none of the lessons' environments: see emit.py.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from openlineage.client import facet_v2 as facets
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState, set_producer
from workshop.flow import BODY, CONSTANT, INPUT, Source, Stored
from workshop.lineage import last
from workshop.locks import lock_fact
from workshop.record import Record, TaskRun, short_name

# How a run of this status ends; one of any other was ended from outside.
ENDS = {
    "succeeded": RunState.COMPLETE,
    "cached": RunState.COMPLETE,
    **dict.fromkeys(("failed", "recoverable", "non-recoverable", "system failure"), RunState.FAIL),
}


@dataclass(frozen=True)
class Data:
    """A dataset: a stored file or folder, or a value; `version` is the hash of its content."""

    namespace: str
    name: str
    version: str
    stored: Stored | None = None

    @property
    def facets(self) -> dict[str, Any]:
        kind = facets.dataset_type_dataset.DatasetTypeDatasetFacet("FILE" if self.stored else "JOB_OUTPUT")
        found: dict[str, Any] = {"datasetType": kind}
        if self.version:
            found["version"] = facets.dataset_version_dataset.DatasetVersionDatasetFacet(self.version)
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


class Events:
    """The events of one run.

    Args:
        record: the record of the run.
        source: the address of the repository, as a browser opens it; empty if it has none.
    """

    def __init__(self, record: Record, source: str):
        self.record = record
        self.source = source
        self.namespace = os.environ.get("OPENLINEAGE_NAMESPACE") or "flyte"
        self.workflow = record.entry_point.replace(":", ".")
        self.revision = record.provenance.get("revision") or "unknown"
        set_producer(f"{source}/tree/{self.revision}" if source else f"urn:revision:{self.revision}")

    def all(self) -> list[RunEvent]:
        """The events of the workflow and of its tasks, in the order in which they happened."""
        tasks = [event for task in self.record.tasks for event in self.of_task(task)]
        tasks.sort(key=lambda event: datetime.fromisoformat(event.eventTime))
        start, end = self.of_workflow()
        return [start, *tasks, end]

    def of_workflow(self) -> list[RunEvent]:
        record = self.record
        times = facets.nominal_time_run.NominalTimeRunFacet(record.started, record.ended)
        found = self.run_facets(record.inputs, {}, record.error) | {"nominalTime": times}
        inputs = [self.value(f"inputs/{name}", value) for name, value in record.inputs.items()]
        outputs = [data for sources in record.sources.values() for data in self.made(sources)]
        return self.pair(self.run_id(), found, self.job(), inputs, outputs, record.started, record.ended, record.status)

    def of_task(self, task: TaskRun) -> list[RunEvent]:
        parent = facets.parent_run
        found = self.run_facets(task.inputs, self.tags(task), task.error) | {
            "parent": parent.ParentRunFacet(
                parent.Run(self.run_id()),
                parent.Job(self.namespace, self.workflow),
                parent.Root(parent.RootRun(self.run_id()), parent.RootJob(self.namespace, self.workflow)),
            )
        }
        if task.computed_as:
            upstream = facets.job_dependencies_run
            job = upstream.JobIdentifier(self.namespace, self.job_name(task, task.computed_as))
            run = upstream.RunIdentifier(self.run_id(task.computed_as, run=task.computed_by))
            found["jobDependencies"] = upstream.JobDependenciesRunFacet([upstream.JobDependency(job, run)])
        started = task.started or self.record.started
        ended = (datetime.fromisoformat(started) + timedelta(seconds=task.seconds or 0)).isoformat(
            timespec="milliseconds"
        )
        run_id = self.run_id(task.id, task.attempt)
        return self.pair(run_id, found, self.job(task), self.taken(task), self.given(task), started, ended, task.status)

    def pair(
        self,
        run_id: str,
        run_facets: dict[str, Any],
        job: Job,
        inputs: Iterable[Data],
        outputs: Iterable[Data],
        started: str,
        ended: str,
        status: str,
    ) -> list[RunEvent]:
        """The event of the start of a run, and that of its end."""
        reads = [data.input() for data in {(data.namespace, data.name): data for data in inputs}.values()]
        writes = [data.output() for data in {(data.namespace, data.name): data for data in outputs}.values()]
        failure = {"errorMessage"} & run_facets.keys()
        at_start = {name: facet for name, facet in run_facets.items() if name not in failure}
        end = ENDS.get(status, RunState.ABORT)
        return [
            RunEvent(eventType=RunState.START, eventTime=started, run=Run(run_id, at_start), job=job, inputs=reads),
            RunEvent(
                eventType=end, eventTime=ended, run=Run(run_id, run_facets), job=job, inputs=reads, outputs=writes
            ),
        ]

    def run_id(self, task: str = "", attempt: int = 0, run: str = "") -> str:
        """Always the same for the same run: sent twice, it is one run to a server."""
        return str(uuid5(NAMESPACE_URL, f"{self.record.lesson}/{run or self.record.run}/{task}/{attempt}"))

    def job_name(self, task: TaskRun, call: str) -> str:
        return f"{self.workflow}.{short_name(task.task)}.{call}"

    def job(self, task: TaskRun | None = None) -> Job:
        kind = facets.job_type_job.JobTypeJobFacet("BATCH", "FLYTE", "TASK" if task else "WORKFLOW")
        found: dict[str, Any] = {"jobType": kind}
        if self.source and self.revision != "unknown":
            module = self.record.entry_point.partition(":")[0].replace(".", "/")
            path = f"projects/{self.record.lesson}/{module}.py"
            found["sourceCodeLocation"] = facets.source_code_location_job.SourceCodeLocationJobFacet(
                type="git",
                url=f"{self.source}/blob/{self.revision}/{path}",
                repoUrl=self.source,
                path=path,
                version=self.revision,
            )
        return Job(self.namespace, self.job_name(task, task.id) if task else self.workflow, found)

    def run_facets(self, inputs: dict[str, Any], tags: dict[str, Any], error: str | None) -> dict[str, Any]:
        facts, parameters, tagged = self.record.provenance, facets.execution_parameters_run, facets.tags_run
        known = {name: str(value) for name, value in (facts | tags).items() if value not in (None, "")}
        found: dict[str, Any] = {
            "processing_engine": facets.processing_engine_run.ProcessingEngineRunFacet(
                version=facts.get("flytekit", "unknown"), name="Flyte"
            ),
            "executionParameters": parameters.ExecutionParametersRunFacet(
                [parameters.ExecutionParameter(key=name, value=str(value)) for name, value in inputs.items()]
            ),
            "tags": tagged.TagsRunFacet(
                [tagged.TagsRunFacetFields(name, value, "FLYTE") for name, value in known.items()]
            ),
        }
        if error:
            found["errorMessage"] = facets.error_message_run.ErrorMessageRunFacet(error, "python")
        return found

    def tags(self, task: TaskRun) -> dict[str, Any]:
        """What is known of a task run that no facet of the standard has a place for."""
        return {
            "status": task.status,
            "attempt": task.attempt,
            "lock": task.lock,
            "lock sha256": self.record.provenance.get(lock_fact(task.lock)) if task.lock else "",
            "image": task.image,
            "image id": task.image_id,
            "peak MB": task.peak_mb,
            "CPU seconds": task.cpu_seconds,
            "computed by": task.computed_by,
        }

    def taken(self, task: TaskRun) -> list[Data]:
        """What a task read: the stored data of its inputs, and the values that others gave it."""
        found = [self.file(item) for items in task.read.values() for item in items]
        for name, value in task.inputs.items():
            if value not in [item.path for item in task.read.get(name, [])]:
                found += self.made(task.sources.get(name, []), task, name)
        return found

    def made(self, sources: list[Source], task: TaskRun | None = None, name: str = "") -> list[Data]:
        """What values were made as: outputs of tasks, inputs of the run, what a dynamic workflow handed to a task."""
        found = []
        for source in sources:
            if source.kind == INPUT:
                found.append(self.value(f"inputs/{source.name}", self.record.inputs.get(source.name)))
            elif source.kind == BODY and task:
                found.append(self.value(f"{task.id}/inputs/{name}", task.inputs[name]))
            elif source.kind not in (BODY, CONSTANT):
                found += self.output(last(self.record, source.task), source.name)
        return found

    def given(self, task: TaskRun) -> list[Data]:
        """What a task wrote; a dynamic workflow's is also what its body handed to tasks."""
        found = [data for name in task.outputs for data in self.output(task, name)]
        for other in self.record.tasks:
            for name, sources in other.sources.items():
                if Source(BODY, task.id) in sources:
                    read = other.read.get(name, [])
                    found += [self.file(item) for item in read] or self.made(sources, other, name)
        return found

    def output(self, task: TaskRun, name: str) -> list[Data]:
        """An output of a task: what it stored, but not what it only hands on, or else the value."""
        inner = (other.written for other in self.record.tasks if other.parent == task.id)
        handed_on = {item.path for data in (task.read, *inner) for items in data.values() for item in items}
        new = [item for item in task.written.get(name, []) if item.path not in handed_on]
        value = task.outputs.get(name)
        paths = [item.path for item in task.written.get(name, [])]
        return [self.file(item) for item in new] + ([] if value in paths else [self.value(f"{task.id}/{name}", value)])

    def value(self, place: str, value: Any) -> Data:
        text = json.dumps(value, sort_keys=True, default=repr)
        name = f"{self.record.lesson}/{self.record.run}/{place}"
        return Data(self.namespace, name, sha256(text.encode()).hexdigest())

    def file(self, item: Stored) -> Data:
        """Stored data, by the standard's rules for names: a path, or of an address its bucket and the rest."""
        if "://" in item.path:
            address = urlsplit(item.path)
            return Data(f"{address.scheme}://{address.netloc}", address.path.lstrip("/") or "/", item.sha256, item)
        name = item.path
        if not name.startswith("/"):
            inside = name.removeprefix("../") if name.startswith("../") else f"{self.record.run}/{name}"
            name = f"{self.record.lesson}/{inside}"
        return Data("file", name, item.sha256, item)
