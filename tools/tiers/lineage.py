"""`make lineage`: how the outputs of a run came to be, for people and as OpenLineage events."""

import os

from tools.core import git, interruptible
from tools.core.errors import Stop
from tools.core.paths import OUT
from tools.core.process import call
from tools.core.variables import switch
from tools.environments.known import LINEAGE
from tools.lessons import catalog
from tools.lessons.chosen import chosen


def lineage() -> int:
    """Prints the lineage of a run of one lesson, the one that RUN names or the newest; with EMIT=1 sends it too."""
    run, what = os.environ.get("RUN", ""), "send" if switch("EMIT") else "write"
    of_run = lesson_of(run) if run and not os.environ.get("PROJECT") else ""
    project = catalog.find(of_run) if of_run else chosen()
    return call([LINEAGE.ensure().python, "-m", "tools.lineage", project.name, OUT, git.source(), run, what])


def runs() -> int:
    """Lists the runs, of one lesson with PROJECT, or compares the run that RUN names WITH another run."""
    pair = [os.environ.get(name, "") for name in ("RUN", "WITH")]
    if any(pair) and not all(pair):
        raise Stop("RUN and WITH must name two runs to compare: make runs RUN=name WITH=name; make runs lists them")
    lesson = chosen().name if os.environ.get("PROJECT") else ""
    words = [OUT, lesson, *filter(None, pair)]
    return call(interruptible.command(LINEAGE.ensure().python, "runner.records.runs", *words))


def lesson_of(run: str) -> str:
    """The lesson that a run is of; empty if there is no such run."""
    return next((file.parents[1].name for file in OUT.glob("*/*/record.json") if file.parent.name == run), "")
