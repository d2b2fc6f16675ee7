"""Helpers: what happened in a run, and what is in a store."""

import json
from pathlib import Path
from typing import Any

from runner.records.run_folder import Run


def outcomes(run: Run) -> dict[str, list[str]]:
    """Returns how the attempts of each task ended."""
    found: dict[str, list[str]] = {}
    for task in run.record.tasks:
        found.setdefault(task.name, []).append(task.status)
    return found


def names(store: Path) -> set[str]:
    """Returns the names of the files in a store."""
    return {file.relative_to(store).as_posix() for file in store.rglob("*") if file.is_file()}


def decisions(store: Path) -> list[dict[str, Any]]:
    """Returns the model cards in a store, with the decisions, in their order."""
    return [json.loads(file.read_text()) for file in sorted(store.glob("decisions/*.json"))]
