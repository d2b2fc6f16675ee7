"""A run's record as OpenLineage events.

A run of the entry point is a run of a job, and so is each attempt of a task, with the first as its root. datasets.py
says what they read and write. Each event tells all that is known, so that none takes away what another one has told:
many servers take an event without outputs as one of a job that has none.

Needs the library of the standard, which is in none of the lessons' environments: see emit.py.
"""

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from graphlib import CycleError, TopologicalSorter
from typing import Any

from openlineage.client import facet_v2 as facets
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState, set_producer
from openlineage.client.uuid import generate_static_uuid

from runner.records.find import NoLineage
from runner.records.record import Record, TaskRun, lock_fact
from tools.lineage.datasets import DONE, Data, Datasets

# How a run of this status ends; one of any other was ended from outside.
ENDS = {
    **dict.fromkeys(DONE, RunState.COMPLETE),
    **dict.fromkeys(("failed", "timed out", "recoverable", "non-recoverable", "system failure"), RunState.FAIL),
}
# How a run's name, which `new_run` makes, begins: with the time in UTC.
IN_NAME = "%Y%m%d-%H%M%S%z"


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
        revision = record.provenance.get("revision")
        self.revision = "" if revision in (None, "unknown") else str(revision)
        self.datasets = Datasets(record, self.namespace, self.workflow)
        known = f"{source}/tree/{self.revision}" if self.revision else source
        set_producer(known if source else f"urn:revision:{self.revision or 'unknown'}")

    def all(self) -> list[RunEvent]:
        """The events of the workflow around those of its tasks, each after those of the tasks that it reads from."""
        start, end = self.of_workflow()
        try:
            tasks = [event for task in self.in_order() for event in self.of_task(task)]
        except (CycleError, RecursionError):
            raise NoLineage(f"the record of run {self.record.run} is damaged: a task depends on itself") from None
        return [start, *tasks, end]

    def in_order(self) -> list[TaskRun]:
        """The attempts of tasks, each after those that gave what it took, and after the one that called it.

        A server takes what is current when an event arrives as that which the job has read.
        """
        # What has no task stands for the nodes inside it, and what was skipped did not run. Of what is not known,
        # nothing is sent: an event without outputs would take those away that an earlier run had.
        ran = [task for task in self.record.tasks if task.task and task.status != "skipped"]
        tasks = [task for task in ran if self.datasets.is_known(task)]
        givers: dict[tuple[str, str], list[int]] = {}
        for number, task in enumerate(tasks):
            for data in self.datasets.given(task):
                givers.setdefault(data.key, []).append(number)
        order: TopologicalSorter[int] = TopologicalSorter()
        for number, task in enumerate(tasks):
            parent = self.datasets.parent(task)
            before = [other for other in range(number) if tasks[other].id == task.id]
            before += [other for other, item in enumerate(tasks) if parent and item.id == parent.id]
            before += [other for data in self.datasets.taken(task) for other in givers.get(data.key, [])]
            order.add(number, *before)
        return [tasks[number] for number in order.static_order()]

    def of_workflow(self) -> list[RunEvent]:
        record = self.record
        ended = record.ended or record.started
        tags = {"run": record.run, "execution": record.execution, "console": record.console}
        found = self.run_facets(record.inputs, tags, record.error)
        found["nominalTime"] = facets.nominal_time_run.NominalTimeRunFacet(record.started, ended)
        return self.pair(Run(self.run_id(), found), self.job(), [], [], record.started, ended, record.status)

    def of_task(self, task: TaskRun) -> list[RunEvent]:
        found = self.run_facets(task.inputs, self.tags(task), task.error) | {"parent": self.parent(task)}
        if task.computed_as:
            found["jobDependencies"] = self.computed(task)
        started = task.started or self.record.started
        length = timedelta(seconds=task.seconds or 0)
        ended = (datetime.fromisoformat(started) + length).isoformat(timespec="milliseconds")
        run = Run(self.run_id(task.id, task.attempt), found)
        data = self.datasets
        return self.pair(run, self.job(task), data.taken(task), data.given(task), started, ended, task.status)

    def pair(
        self, run: Run, job: Job, taken: Iterable[Data], given: Iterable[Data], started: str, ended: str, status: str
    ) -> list[RunEvent]:
        """The start and the end of a run, both with all that it read and wrote."""
        reads, writes = [data.input() for data in taken], [data.output() for data in given]
        end = ENDS.get(status, RunState.ABORT)
        return [
            RunEvent(eventType=kind, eventTime=time, run=run, job=job, inputs=reads, outputs=writes)
            for kind, time in ((RunState.START, started), (end, ended))
        ]

    def parent(self, task: TaskRun) -> facets.parent_run.ParentRunFacet:
        """The run that called a task: of the dynamic workflow that drew it, or else of the entry point, the root."""
        kinds, caller = facets.parent_run, self.datasets.parent(task)
        run, job = self.run_id(), self.workflow
        root = kinds.Root(kinds.RootRun(run), kinds.RootJob(self.namespace, job))
        if caller:
            run, job = self.run_id(caller.id, caller.attempt), self.datasets.job_name(caller)
        return kinds.ParentRunFacet(kinds.Run(run), kinds.Job(self.namespace, job), root)

    def computed(self, task: TaskRun) -> facets.job_dependencies_run.JobDependenciesRunFacet:
        """The run of the task that computed a cached result, which is often one of another run of the workflow."""
        kinds = facets.job_dependencies_run
        run = kinds.RunIdentifier(self.run_id(task.computed_as, run=task.computed_by))
        job = kinds.JobIdentifier(self.namespace, self.datasets.job_name(replace(task, id=task.computed_as)))
        return kinds.JobDependenciesRunFacet([kinds.JobDependency(job, run)])

    def run_id(self, task: str = "", attempt: int = 0, run: str = "") -> str:
        """Always the same for the same run, so that a server has it once if it is sent twice."""
        name = run.rpartition("/")[2] or self.record.execution or self.record.run
        content = f"{self.record.lesson}/{name}/{task}/{attempt}"
        return str(generate_static_uuid(began(name, self.record.started), content.encode()))

    def job(self, task: TaskRun | None = None) -> Job:
        kind = facets.job_type_job.JobTypeJobFacet("BATCH", "FLYTE", "TASK" if task else "WORKFLOW")
        found: dict[str, Any] = {"jobType": kind}
        if self.source and self.revision:
            module = self.record.entry_point.partition(":")[0].replace(".", "/")
            path = f"projects/{self.record.lesson}/{module}.py"
            found["sourceCodeLocation"] = facets.source_code_location_job.SourceCodeLocationJobFacet(
                type="git",
                url=f"{self.source}/blob/{self.revision}/{path}",
                repoUrl=self.source,
                path=path,
                version=self.revision,
            )
        return Job(self.namespace, self.datasets.job_name(task) if task else self.workflow, found)

    def run_facets(self, inputs: dict[str, Any], tags: dict[str, Any], error: str | None) -> dict[str, Any]:
        facts, parameters, tagged = self.record.provenance, facets.execution_parameters_run, facets.tags_run
        known = {name: str(value) for name, value in (facts | tags).items() if value not in (None, "")}
        found: dict[str, Any] = {
            "processing_engine": facets.processing_engine_run.ProcessingEngineRunFacet(
                version=str(facts.get("flytekit", "unknown")), name="Flyte"
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
            **task.addresses,
        }


def began(run: str, otherwise: str) -> datetime:
    """When a run began, which its name says; of a run with another name, the time that its record has."""
    try:
        return datetime.strptime(f"{run[:15]}+0000", IN_NAME)
    except ValueError:
        return datetime.fromisoformat(otherwise)
