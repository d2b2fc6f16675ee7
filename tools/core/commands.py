"""Other programs, asked for a fact."""

import subprocess

ANSWER_SECONDS = 20


def told(*command: str, seconds: float = ANSWER_SECONDS) -> str:
    """What a command prints; empty when it is missing, fails, or does not answer in time."""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=seconds)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
