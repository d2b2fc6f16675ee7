"""`make lineage`: how the outputs of a run came to be, for people and as OpenLineage events."""

import contextlib
import os
from collections.abc import Iterator

from tools.environments import Environment
from tools.lessons import Project
from tools.local import call, chosen
from tools.paths import OUT, ROOT, STATE
from tools.revision import source

# The library of the standard needs a dozen packages; it is installed by whoever asks for a lineage.
ENVIRONMENT = Environment("lineage", STATE / "lineage", ROOT / "tools" / "lineage.txt", with_shared=True)


def lineage() -> int:
    """Tells the lineage of a run of one lesson, the one that RUN names or the newest, and emits it."""
    return emit(chosen(), os.environ.get("RUN", ""), "told")


@contextlib.contextmanager
def emitted(project: Project) -> Iterator[None]:
    """Emits the runs of a lesson that are recorded under `with`."""
    before = recorded(project)
    yield
    for name, time in sorted(recorded(project).items()):
        if before.get(name) != time:
            emit(project, name, "quiet")


def recorded(project: Project) -> dict[str, int]:
    """The names of the lesson's runs, and when their records were written last."""
    return {file.parent.name: file.stat().st_mtime_ns for file in (OUT / project.name).glob("*/record.json")}


def emit(project: Project, run: str, what: str) -> int:
    """Emits a run's lineage: `what` as tools/emit.py takes it."""
    return call([ENVIRONMENT.ensure().python, "-m", "tools.emit", project.name, OUT, source(), run, what])
