"""`make lineage`: how the outputs of a run came to be, for people and as OpenLineage events."""

import contextlib
import json
import os
from collections.abc import Iterator

from tools.core import git
from tools.core.errors import Stop
from tools.core.paths import OUT
from tools.core.process import call
from tools.environments.known import LINEAGE
from tools.lessons import catalog
from tools.lessons.catalog import Project
from tools.lessons.chosen import chosen


def lineage() -> int:
    """Tells the lineage of a run of one lesson, the one that RUN names or the newest, and emits it."""
    run = os.environ.get("RUN", "")
    of_run = lesson_of(run) if run and not os.environ.get("PROJECT") else ""
    return emit(catalog.find(of_run) if of_run else chosen(), run, "told")


def runs() -> int:
    """Lists the runs, of one lesson with PROJECT, or compares the run that RUN names WITH another one."""
    pair = [os.environ.get(name, "") for name in ("RUN", "WITH")]
    if any(pair) and not all(pair):
        raise Stop("RUN and WITH must name two runs to compare: make runs RUN=name WITH=name; make runs lists them")
    lesson = chosen().name if os.environ.get("PROJECT") else ""
    return call([LINEAGE.ensure().python, "-m", "runner.records.runs", OUT, lesson, *filter(None, pair)])


def lesson_of(run: str) -> str:
    """The lesson that a run is of; empty if there is no such run."""
    return next((file.parents[1].name for file in OUT.glob("*/*/record.json") if file.parent.name == run), "")


@contextlib.contextmanager
def emitted(project: Project) -> Iterator[None]:
    """Emits the runs of a lesson that end under `with`, also when Ctrl-C ends it."""
    before = recorded(project)
    try:
        yield
    finally:
        for name, time in sorted(recorded(project).items()):
            if before.get(name) != time and has_ended(project, name):
                emit(project, name, "quiet")


def recorded(project: Project) -> dict[str, int]:
    """The names of the lesson's runs, and when their records were written last."""
    return {file.parent.name: file.stat().st_mtime_ns for file in (OUT / project.name).glob("*/record.json")}


def has_ended(project: Project, run: str) -> bool:
    """Whether a run's record says that it has ended; a run that was started meanwhile may still be at work."""
    try:
        return json.loads((OUT / project.name / run / "record.json").read_text(encoding="utf-8"))["status"] != "running"
    except (OSError, ValueError, KeyError, TypeError):
        return False


def emit(project: Project, run: str, what: str) -> int:
    """Emits a run's lineage: `what` as tools/lineage takes it."""
    return call([LINEAGE.ensure().python, "-m", "tools.lineage", project.name, OUT, git.source(), run, what])
