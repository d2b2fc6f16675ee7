"""A run's record as OpenLineage events.

A run of the entry point is a run of a job, and so is each attempt of a task, with the first as its parent. datasets.py
says what they read and write. Needs the library of the standard, which is in none of the lessons' environments: see
emit.py.
"""

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from openlineage.client import facet_v2 as facets
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState, set_producer

from runner.records.locks import lock_fact
from runner.records.record import Record, TaskRun
from tools.lineage.datasets import Data, Datasets, job_name

# How a run of this status ends; one of any other was ended from outside.
ENDS = {
    "succeeded": RunState.COMPLETE,
    "cached": RunState.COMPLETE,
    **dict.fromkeys(("failed", "recoverable", "non-recoverable", "system failure"), RunState.FAIL),
}


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
        self.datasets = Datasets(record, self.namespace, self.workflow)
        set_producer(f"{source}/tree/{self.revision}" if source else f"urn:revision:{self.revision}")

    def all(self) -> list[RunEvent]:
        """The events of the workflow and of its tasks, in the order in which they happened."""
        tasks = [event for task in self.record.tasks for event in self.of_task(task)]
        tasks.sort(key=lambda event: datetime.fromisoformat(event.eventTime))
        start, end = self.of_workflow()
        return [start, *tasks, end]

    def of_workflow(self) -> list[RunEvent]:
        record = self.record
        times = facets.nominal_time_run.NominalTimeRunFacet(record.started, record.ended or record.started)
        found = self.run_facets(record.inputs, {}, record.error) | {"nominalTime": times}
        inputs = [data for name in record.inputs for data in self.datasets.run_input(name)]
        outputs = [data for sources in record.sources.values() for data in self.datasets.made(sources)]
        return self.pair(
            self.run_id(),
            found,
            self.job(),
            inputs,
            outputs,
            record.started,
            record.ended or record.started,
            record.status,
        )

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
            job = upstream.JobIdentifier(self.namespace, job_name(self.workflow, task, task.computed_as))
            run = upstream.RunIdentifier(self.run_id(task.computed_as, run=task.computed_by))
            found["jobDependencies"] = upstream.JobDependenciesRunFacet([upstream.JobDependency(job, run)])
        started = task.started or self.record.started
        ended = (datetime.fromisoformat(started) + timedelta(seconds=task.seconds or 0)).isoformat(
            timespec="milliseconds"
        )
        run_id = self.run_id(task.id, task.attempt)
        return self.pair(
            run_id,
            found,
            self.job(task),
            self.datasets.taken(task),
            self.datasets.given(task),
            started,
            ended,
            task.status,
        )

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
        return Job(self.namespace, job_name(self.workflow, task, task.id) if task else self.workflow, found)

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
