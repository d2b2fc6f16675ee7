"""Helpers that run the lesson for its tests."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd

from runner.lesson import Lesson

LESSON = Path(__file__).parents[1]
CASE = Lesson.read(LESSON).cases[0]
IMAGES = {"default": "registry.example/sql:1"}
INJECTION = "x' or '1'='1"


def rows(query, **inputs) -> pd.DataFrame:
    return query(**inputs).open(pd.DataFrame).all()


def start(*words: object, **variables: str) -> subprocess.CompletedProcess:
    """Runs Python in the lesson's folder with additional environment variables."""
    command = [sys.executable, *map(str, words)]
    return subprocess.run(command, cwd=LESSON, env={**os.environ, **variables}, capture_output=True, text=True)


def run_lesson(out: Path, **variables: str) -> subprocess.CompletedProcess:
    """Runs the command that `make run` starts."""
    return start("-m", "runner", "run", LESSON, out, "{}", **variables)


def record(out: Path) -> dict:
    (file,) = out.glob("sql/*/record.json")
    return json.loads(file.read_text())


def assert_nowhere(password: str, out: Path, done: subprocess.CompletedProcess | None = None) -> None:
    """Fails if the printed output or any file below `out` contains the password."""
    files = [file for file in out.rglob("*") if file.is_file()]
    assert files
    assert [file for file in files if password.encode() in file.read_bytes()] == []
    if done:
        assert password not in done.stdout + done.stderr
