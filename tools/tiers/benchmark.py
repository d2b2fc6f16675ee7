"""`make benchmark`: measures a lesson against its alternatives, by the script that its lesson.toml names."""

import os
from pathlib import Path

from tools.core import interruptible
from tools.core.errors import Stop
from tools.core.process import call
from tools.lessons import catalog
from tools.lessons.chosen import arguments, chosen
from tools.tiers.command import prepare


def benchmark() -> int:
    """Runs the benchmark of a lesson in the lesson's environment, with the options of ARGS."""
    names = ", ".join(project.name for project in catalog.every() if project.lesson.benchmark)
    if not os.environ.get("PROJECT"):
        raise Stop(f"PROJECT is not set; these lessons have a benchmark: {names}")
    project = chosen()
    if not project.lesson.benchmark:
        raise Stop(f"{project.name} has no benchmark; these lessons have one: {names}")
    prepare(project)
    module = f"benchmarks.{Path(project.lesson.benchmark).stem}"
    return call(interruptible.command(project.environment.python, module, *arguments()))
