"""The command that runs a lesson, or does something with it, in its own environment."""

from collections.abc import Sequence

from tools.core.disk import need_disk
from tools.core.paths import OUT, ROOT
from tools.core.process import call
from tools.images.naming import images
from tools.lessons.catalog import Project
from tools.tiers.ahead import compile_ahead


def prepare(project: Project) -> None:
    """Makes the environments of a lesson, if they are not there yet."""
    need_disk(ROOT, 100)
    fresh = [environment for environment in project.environments if not environment.is_made()]
    for environment in project.environments:
        environment.ensure()
    project.environment.link(project.folder / ".venv")
    if fresh:
        compile_ahead(project)


def runner(project: Project, verb: str, *words: object) -> list[str]:
    """The command by which the runner does something with a lesson: python -m runner VERB PROJECT_FOLDER …"""
    python = project.environment.ensure().python
    return [str(python), "-m", "runner", verb, str(project.folder), *map(str, words)]


def run_lesson(project: Project, words: Sequence[str], verb: str = "run") -> int:
    """Runs a lesson with inputs, or does what `verb` says with it, in its own environment."""
    prepare(project)
    return call(runner(project, verb, OUT, images(project), *words))
