"""Flyte's local cache, kept beside the runs of a lesson: what a hit saves, and whether its data is still there.

Only a task's outputs lie in the cache, and of data frames, files and models only the path. The data itself stays
in the folder of the run that computed it, and somebody may delete that.
"""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

from flytekit.configuration import LocalConfig
from flytekit.core import local_cache
from flytekit.core.base_task import Task
from flytekit.core.local_cache import LocalTaskCache
from flytekit.models.literals import LiteralMap

from runner.lesson import Lesson
from runner.records.literals import paths

# How the keys start under which it lies how a result was computed.
BESIDE = "computed "


def use(folder: Path) -> None:
    """Makes `folder` the cache of this process, in the place of the user's ~/.flyte/local-cache."""
    local_cache.CACHE_LOCATION = str(folder)
    LocalTaskCache._initialized = False


def store() -> Any:
    """The cache itself, a folder that behaves as a dictionary; several processes may use it at a time.

    Raises:
        RuntimeError: its database is damaged; says how to start over.
    """
    if not LocalTaskCache._initialized:
        try:
            LocalTaskCache.initialize()
        except sqlite3.DatabaseError as error:
            folder = Path(local_cache.CACHE_LOCATION)
            words = f"the cache {folder} cannot be read ({error}); make clear-cache PROJECT={folder.parent.name}"
            raise RuntimeError(words) from None
    return LocalTaskCache._cache


def is_used_by(task: Task) -> bool:
    """Whether the results of a task go into the cache."""
    return bool(task.metadata.cache) and LocalConfig.auto().cache_enabled


def beside(*key: Any) -> str:
    """Where what is known of a result lies; `key` is what LocalTaskCache.get takes: the entry's task, version, …"""
    return f"{BESIDE}{local_cache._calculate_cache_key(*key)}"


def note(task: Task, inputs: LiteralMap, *how: Any) -> None:
    """Keeps beside a result of a task how it was computed: in how many seconds, in which run, as which call there."""
    metadata = task.metadata
    key = (task.name, metadata.cache_version, inputs, metadata.cache_ignore_input_vars)
    store().set(beside(*key), how)


def noted(*key: Any) -> tuple[float | None, str, str]:
    """What `note` kept of a result; None and "" where that is not known."""
    seconds, run, call = (*(store().get(beside(*key)) or (None, "")), "")[:3]
    return seconds, run, call


def gone(outputs: LiteralMap, runs: Path) -> str:
    """The first path among outputs at which nothing lies any more; empty if all is there.

    Args:
        runs: the folder of the lesson's runs. Below it, a path in a data class counts as stored data too.
    """
    for path in paths(outputs.literals, str(runs)):
        if not Path(path).exists():
            return path
    return ""


def forget(folder: Path) -> str:
    """Empties the cache in `folder`, and returns what was done in words."""
    use(folder)
    try:
        count = sum(not key.startswith(BESIDE) for key in store())
        store().clear()
    except RuntimeError:
        shutil.rmtree(folder)
        return "the cache was damaged and is removed"
    return f"{count} cached results forgotten"


def main(lesson: Lesson, out: Path) -> int:
    """`make clear-cache`; a run that is at work goes on."""
    print(forget(out / lesson.name / ".cache"))
    return 0
