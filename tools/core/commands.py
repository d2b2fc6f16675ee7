"""Other programs, asked for a fact."""

import subprocess

ANSWER_SECONDS = 20


def output_of(*command: str, seconds: float | None = None) -> str:
    """What a command prints; empty when it is missing, fails, or does not answer in time."""
    allowed = ANSWER_SECONDS if seconds is None else seconds
    try:
        answer = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=allowed)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
