"""The local tier: environments and runs, with no Docker and no cluster."""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools import lessons
from tools.ahead import compile_ahead
from tools.environments import Environment, need_disk
from tools.errors import Stop
from tools.lessons import Project
from tools.paths import OUT, ROOT, SHARED, STATE
from tools.reporting import table
from tools.revision import images
from tools.uv import clean_environment

DEV = Environment("dev tools", STATE / "dev", ROOT / "tools" / "dev.txt", disk_mb=200)
SHARED_TESTS = Environment("shared", SHARED / ".venv", SHARED / "requirements.txt", with_shared=True, disk_mb=900)


def chosen() -> Project:
    """The lesson that PROJECT names."""
    return lessons.find(os.environ.get("PROJECT", ""))


def chosen_or_all() -> list[Project]:
    """The lesson that PROJECT names, or every lesson when it names none."""
    return [chosen()] if os.environ.get("PROJECT") else lessons.every()


def arguments() -> list[str]:
    """The words of ARGS."""
    try:
        return shlex.split(os.environ.get("ARGS", ""))
    except ValueError as error:
        raise Stop(f"ARGS cannot be read: {error}; write ARGS='--input value'") from None


def setup() -> None:
    """Makes every environment, so that the local tier works without a network."""
    for project in chosen_or_all():
        for environment in project.environments:
            environment.ensure()
    for environment in (DEV, SHARED_TESTS):
        environment.ensure()


def run_command(project: Project, words: Sequence[str], module: str = "workshop") -> list[str]:
    """The command that runs a lesson with inputs, or what `module` does with it, in its own environment."""
    need_disk(ROOT, 100)
    fresh = [environment for environment in project.environments if not environment.is_current()]
    for environment in fresh:
        environment.ensure()
    if fresh:
        compile_ahead(project)
    python, folder = project.environment.python, project.folder
    return [str(python), "-m", module, str(folder), str(OUT), images(project), *words]


def call(command: Sequence[object], folder: Path = ROOT) -> int:
    """Runs a lesson's command to its end and returns its exit status.

    The temporary folder is the command's own and goes with it: every import of flytekit leaves two
    folders there. On Ctrl-C, which reaches the command too, it may end in its own way first.
    """
    with tempfile.TemporaryDirectory(prefix="lesson-") as own:
        process = subprocess.Popen(list(map(str, command)), cwd=folder, env=clean_environment() | {"TMPDIR": own})
        try:
            status = process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise
        except BaseException:
            # As Ctrl-C would: it ends its own children and containers, and keeps its record.
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
    if status >= 0:
        return status
    hint = ", most often for want of memory" if status == -signal.SIGKILL else ""
    print(f"killed by {signal.Signals(-status).name}{hint}", file=sys.stderr)
    return 128 - status


def run_lesson(project: Project, words: Sequence[str], module: str = "workshop") -> int:
    """Runs a lesson, or what `module` does with it; where OPENLINEAGE_URL is set, that server is told how it went."""
    if not os.environ.get("OPENLINEAGE_URL"):
        return call(run_command(project, words, module))
    from tools.lineage import emitted

    with emitted(project):
        return call(run_command(project, words, module))


def run() -> int:
    """Runs one lesson, with REMOTE on a cluster."""
    if os.environ.get("REMOTE"):
        from tools import cluster  # which builds on this module

        return cluster.run()
    return run_lesson(chosen(), arguments())


def recover() -> int:
    """Finishes what failed: the EXECUTION on a cluster, else the run that RUN names or the newest that failed."""
    if os.environ.get("EXECUTION") or os.environ.get("REMOTE"):
        from tools import cluster

        return cluster.recover()
    name = os.environ.get("RUN")
    return run_lesson(chosen(), [name] if name else [], "workshop.recover")


def clear_cache() -> int:
    """Makes the cache of one lesson forget its results; records and data of runs stay."""
    project = chosen()
    folder = OUT / project.name / ".cache"
    if not folder.exists():
        print(f"the cache of {project.name} is empty")
        return 0
    # Not by removing the folder: a run that is at work has its files open.
    return call([project.environment.ensure().python, "-m", "workshop.cache", folder])


def run_all() -> int:
    """Runs every lesson, goes on past a failure, and ends with a table."""
    results = []
    for project in lessons.every():
        print(f"\n== {project.name}", flush=True)
        status = run_lesson(project, [])
        results.append((project.name, "succeeded" if status == 0 else f"failed (exit status {status})"))
    print("\n" + table(("lesson", "result"), results))
    return int(any(result != "succeeded" for _, result in results))
