"""Where an execution's results come from: the code of the version that was registered, in images, on the cluster.

What this machine has says nothing about the run. What nobody knows here is said to be unknown.
"""

import os
from typing import Any

from runner.lesson import Lesson
from runner.records.provenance import code

UNKNOWN = "unknown"


def origin(lesson: Lesson, version: str, of_tree: str) -> dict[str, Any]:
    """What is known of where results come from; `of_tree` is the version of the files on this machine.

    A version that somebody named, by VERSION, says nothing about the code in it.
    """
    facts = code(lesson)
    if version != of_tree or os.environ.get("VERSION"):
        facts = {name: UNKNOWN for name in facts if name != "uncommitted changes"}
    return {"version": version, **facts, "python": UNKNOWN, "packages": UNKNOWN, "platform": UNKNOWN}
