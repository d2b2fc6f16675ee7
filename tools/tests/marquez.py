"""A model of Marquez, the usual server for OpenLineage: which jobs write a dataset, and which version is current.

Written from the behaviour of its release 0.51.1. It takes events in the order in which they arrive:

- An event without inputs, or without outputs, takes the job's present ones away.
- The end of a run, whichever it is, makes what the run read and wrote the inputs and outputs of its job.
- A written dataset gets a version for the run, whatever facet names a version. COMPLETE makes it the current one.
- A run that reads a dataset has read the version that is current then. One that has no version gets one.
- A name under which a dataset is also known gets a row for ever.
- A run whose parent is not known yet has its parent made up.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from emitted_run import Json

Name = tuple[str, str]
# A dataset, and the id of the run that it is a version for.
Version = tuple[Name, str]

ENDS = ("COMPLETE", "FAIL", "ABORT")


@dataclass
class Run:
    job: Name
    state: str = ""
    reads: set[Version] = field(default_factory=set)
    writes: set[Version] = field(default_factory=set)


@dataclass
class Marquez:
    """A server with all that it was sent.

    Attributes:
        runs: by their ids.
        edges: inputs and outputs of jobs at present, as job, kind and dataset.
        current: the current version of each dataset; None if it has none.
        versions: all that there are.
        rows: names of datasets, which are never removed.
        made_up: ids of parents that were not known when a child named them.
    """

    runs: dict[str, Run] = field(default_factory=dict)
    edges: set[tuple[Name, str, Name]] = field(default_factory=set)
    current: dict[Name, Version | None] = field(default_factory=dict)
    versions: set[Version] = field(default_factory=set)
    rows: set[Name] = field(default_factory=set)
    made_up: set[str] = field(default_factory=set)

    def take_all(self, events: Iterable[Json]) -> "Marquez":
        for event in events:
            self.take(event)
        return self

    def take(self, event: Json) -> None:
        job, run_id = name_of(event["job"]), event["run"]["runId"]
        parent = event["run"]["facets"].get("parent", {}).get("run", {}).get("runId")
        if parent and parent not in self.runs:
            self.made_up.add(parent)
        run = self.runs.setdefault(run_id, Run(job))
        run.state = event["eventType"]
        for kind in ("inputs", "outputs"):
            if not event.get(kind):
                self.forget(job, kind)
            for dataset in event.get(kind, []):
                self.add(dataset, run_id, run, kind)
        if run.state in ENDS:
            for kind, versions in (("inputs", run.reads), ("outputs", run.writes)):
                if versions:
                    self.forget(job, kind)
                self.edges |= {(job, kind, name) for name, _ in versions}
        if run.state == "COMPLETE":
            self.current |= {version[0]: version for version in run.writes}

    def forget(self, job: Name, kind: str) -> None:
        self.edges = {edge for edge in self.edges if edge[:2] != (job, kind)}

    def add(self, dataset: Json, run_id: str, run: Run, kind: str) -> None:
        name = name_of(dataset)
        aliases = dataset.get("facets", {}).get("symlinks", {}).get("identifiers", [])
        self.rows |= {name, *map(name_of, aliases)}
        version = self.current.setdefault(name, None)
        if kind == "outputs" or version is None:
            version = (name, run_id)
            self.versions.add(version)
        if kind == "outputs":
            run.writes.add(version)
        else:
            run.reads.add(version)
            self.current[name] = self.current[name] or version

    def producers(self) -> dict[Name, set[Name]]:
        """The jobs that write each dataset that any job writes."""
        found: dict[Name, set[Name]] = {}
        for job, kind, name in self.edges:
            if kind == "outputs":
                found.setdefault(name, set()).add(job)
        return found


def name_of(item: Json) -> Name:
    return item["namespace"], item["name"]
