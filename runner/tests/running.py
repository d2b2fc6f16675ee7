"""What the tests of the harness have in common besides fixtures."""

from pathlib import Path

from runner.harness import walk

HERE = Path(__file__).parent
IMAGES = {"default": "localhost:30000/example:1"}


def outcomes(execution: walk.Execution) -> list[tuple[str, str]]:
    return [(attempt.task, attempt.outcome) for attempt in execution.attempts]
