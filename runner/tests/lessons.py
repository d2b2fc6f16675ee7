"""Lessons made for one test, and the commands of the runner called on them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TOML = """title = "X"
entry_point = "{entry_point}"
{inputs}
[[cases]]
name = "x"
"""


def lesson_in(folder: Path, code: str | bytes, entry_point: str = "made_lesson.workflow:wf", inputs: str = "") -> Path:
    """Makes a lesson of one file in a folder, and returns the lesson's folder."""
    lesson = folder / "made"
    package = lesson / entry_point.partition(".")[0]
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "workflow.py").write_bytes(code if isinstance(code, bytes) else code.encode())
    (lesson / "lesson.toml").write_text(TOML.format(entry_point=entry_point, inputs=inputs))
    for name in ("requirements.in", "requirements.txt"):
        (lesson / name).write_text((HERE / "example" / name).read_text())
    return lesson


def call(verb: str, lesson: Path, *words: str, **variables: str) -> subprocess.CompletedProcess:
    """Calls `python -m runner` on a lesson, as make does; its runs are beside the lesson's folder."""
    command = [sys.executable, "-m", "runner", verb, str(lesson), str(lesson.parent / "out"), "{}", *words]
    environment = os.environ | {"MACHINE_TMPDIR": str(lesson.parent)} | variables
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


def records(lesson: Path) -> list[dict[str, Any]]:
    """The records of a lesson's runs."""
    files = sorted((lesson.parent / "out" / lesson.name).glob("*/record.json"))
    return [json.loads(file.read_text()) for file in files]
